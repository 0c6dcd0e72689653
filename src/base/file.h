// Whole files, and the hashes that identify content.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"

namespace lumos {

/// The bytes of a file of at most `limit_bytes`. Error: kUsage when it is missing, no regular file or too large;
/// kEnvironment when the machine cannot open or read one now.
Expected<std::string> read_file(const std::filesystem::path& path, std::size_t limit_bytes = 64 << 20);

/// The last `limit_bytes` of a file, or all of a shorter one; "" when it cannot be read. Reads no more than that.
std::string read_tail(const std::filesystem::path& path, std::size_t limit_bytes);

/// Writes beside `path`, flushes, renames: readers see the old content or the new, never half.
Expected<> write_file(const std::filesystem::path& path, std::string_view content);

/// Waits until this process alone holds the lock of that name, until the descriptor is closed. Makes the file and its
/// folder. Error: kEnvironment.
Expected<Fd> lock_file(const std::filesystem::path& path);

/// SHA-256 in lower-case hex.
std::string sha256(std::string_view content);

/// SHA-256 over the relative paths and contents of all regular files below `root`, in path order.
/// Folders named in `skip` are left out.
Expected<std::string> sha256_of_tree(const std::filesystem::path& root, std::string_view skip = "");

/// Sum of the sizes of the regular files below `root`, a file of several hard links once; 0 when there is none.
std::int64_t bytes_below(const std::filesystem::path& root);

}  // namespace lumos
