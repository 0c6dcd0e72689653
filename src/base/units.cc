#include "base/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace lumos {
namespace {

std::string three_digits(double value, const char* unit) {
  const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
  return std::format("{:.{}f} {}", value, decimals, unit);
}

}  // namespace

std::string format_duration(Nanoseconds duration) {
  const auto ns = static_cast<double>(duration.count());
  if (ns < 1e3) return std::format("{} ns", duration.count());
  if (ns < 1e6) return three_digits(ns / 1e3, "µs");
  if (ns < 1e9) return three_digits(ns / 1e6, "ms");
  if (ns < 120e9) return three_digits(ns / 1e9, "s");
  const auto seconds = static_cast<std::int64_t>(std::llround(ns / 1e9));
  return std::format("{} min {} s", seconds / 60, seconds % 60);
}

std::string format_bytes(std::int64_t bytes) {
  const auto b = static_cast<double>(bytes);
  if (b < 1e3) return std::format("{} B", bytes);
  if (b < 1e6) return three_digits(b / 1e3, "kB");
  if (b < 1e9) return three_digits(b / 1e6, "MB");
  return three_digits(b / 1e9, "GB");
}

Expected<Nanoseconds> parse_duration(const std::string& text) {
  static constexpr std::array<std::pair<const char*, double>, 6> kUnits{
      {{"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc{} && std::isfinite(value) && value >= 0) {
    const std::string unit(end, text.data() + text.size());
    for (const auto& [name, factor] : kUnits) {
      if (unit == name && value * factor < 9e18) return Nanoseconds(std::llround(value * factor));
    }
  }
  return fail(ErrorCode::kUsage, "'{}' is not a duration such as 250ms, 20s, 5m or 1h", text);
}

Expected<std::int64_t> parse_bytes(const std::string& text) {
  static constexpr std::array<std::pair<const char*, double>, 7> kUnits{
      {{"B", 1.0}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}}};
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc{} && std::isfinite(value) && value >= 0) {
    const std::string unit(end, text.data() + text.size());
    for (const auto& [name, factor] : kUnits) {
      if (unit == name && value * factor < 9e18) return std::llround(value * factor);
    }
  }
  return fail(ErrorCode::kUsage, "'{}' is not a size such as 512MB or 64MiB", text);
}

}  // namespace lumos
