// Numbers for people: durations and bytes with their unit.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace lumos {

/// "850 ns", "12.3 µs", "4.56 ms", "7.89 s", "3 min 20 s": three significant digits, the unit that fits.
std::string format_duration(Nanoseconds duration);

/// "512 B", "1.20 kB", "3.45 MB": decimal units.
std::string format_bytes(std::int64_t bytes);

/// Parses "250ms", "20s", "5m", "1h" (also "us", "ns"; fractions allowed). Error: kUsage with the text.
Expected<Nanoseconds> parse_duration(const std::string& text);

/// Parses "512B", "20kB", "64MB", "1.5GB" (decimal), "64KiB", "512MiB", "1GiB" to whole bytes. Error: kUsage with the
/// text.
Expected<std::int64_t> parse_bytes(const std::string& text);

}  // namespace lumos
