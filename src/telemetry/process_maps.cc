#include "telemetry/process_maps.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <limits>

#include "base/file.h"

namespace lumos {

// A line: "7f11a000-7f11b000 r-xp 00000000 00:00 0 " and then a path, "[name]" or nothing.
std::int64_t anonymous_code_bytes(std::string_view maps) {
  std::uint64_t sum = 0;
  while (!maps.empty()) {
    const std::size_t end = maps.find('\n');
    std::string_view line = maps.substr(0, end);
    maps.remove_prefix(end == std::string_view::npos ? maps.size() : end + 1);
    while (line.ends_with(' ')) line.remove_suffix(1);
    if (!line.ends_with(" r-xp 00000000 00:00 0")) continue;
    std::uint64_t from = 0, to = 0;
    const auto [dash, first] = std::from_chars(line.data(), line.data() + line.size(), from, 16);
    if (first != std::errc{} || dash == line.data() + line.size() || *dash != '-') continue;
    if (std::from_chars(dash + 1, line.data() + line.size(), to, 16).ec != std::errc{} || to < from) continue;
    sum += to - from;
  }
  return static_cast<std::int64_t>(std::min<std::uint64_t>(sum, std::numeric_limits<std::int64_t>::max()));
}

std::optional<std::int64_t> anonymous_code_bytes(pid_t pid) {
  const auto maps = read_file(std::format("/proc/{}/maps", pid));
  if (!maps || maps->empty()) return std::nullopt;
  return anonymous_code_bytes(*maps);
}

// Five words, then blanks up to the path: "7f-80 r--p 00000000 fe:00 77                     /usr/lib/a b.so".
std::set<std::filesystem::path> mapped_files(std::string_view maps) {
  std::set<std::filesystem::path> files;
  while (!maps.empty()) {
    const std::string_view line = maps.substr(0, maps.find('\n'));
    maps.remove_prefix(std::min(maps.size(), line.size() + 1));
    if (const std::size_t at = line.find('/'); at != std::string_view::npos) files.emplace(line.substr(at));
  }
  return files;
}

std::set<std::filesystem::path> mapped_files(pid_t pid) {
  return mapped_files(read_file(std::format("/proc/{}/maps", pid)).value_or(""));
}

}  // namespace lumos
