// What a process has mapped: the proof that ahead-of-time code runs in it, and the files that it keeps in memory.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

namespace lumos {

/// Bytes of anonymous, private, executable and not writable mappings in the text of /proc/PID/maps. WasmEdge copies a
/// module's ahead-of-time code into such a mapping and makes none when it interprets (docs/aot-proof.md).
std::int64_t anonymous_code_bytes(std::string_view maps);

/// The same for a living process; nullopt when it cannot be read.
std::optional<std::int64_t> anonymous_code_bytes(pid_t pid);

/// The files in such a text, by the paths in it.
std::set<std::filesystem::path> mapped_files(std::string_view maps);

/// The same of a living process; empty when it cannot be read.
std::set<std::filesystem::path> mapped_files(pid_t pid);

}  // namespace lumos
