// Numbers in the text files of /proc and /sys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace lumos {

/// All of such a file; "" when it cannot be read.
std::string read_kernel_file(const std::filesystem::path& path);

/// What follows the first `key` that begins a line or stands after a blank; nullopt when there is none.
std::optional<std::string_view> text_after(std::string_view text, std::string_view key);

/// The integer there, blanks before it passed over; with an empty key the one that `text` begins with. nullopt when
/// there is none, or it does not fit.
std::optional<std::int64_t> number_after(std::string_view text, std::string_view key);

/// The sum of the integers after every `key`; nullopt when there is none, or it does not fit.
std::optional<std::int64_t> sum_after(std::string_view text, std::string_view key);

/// In another unit; nullopt of nothing, and when it does not fit.
std::optional<std::int64_t> times(std::optional<std::int64_t> value, std::int64_t factor);

/// The n-th word, from 1; "" when there are fewer.
std::string_view word_at(std::string_view text, int n);

}  // namespace lumos
