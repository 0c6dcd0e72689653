#include <charconv>
#include <cmath>
#include <ranges>

#include "base/file.h"
#include "base/suggest.h"
#include "base/units.h"
#include "workload/arrivals.h"
#include "workload/yaml_text.h"

namespace lumos {
namespace {

constexpr double kLongestSeconds = 1e9;

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

Expected<Bursts> read_bursts(const std::string& text) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(text, ',')) parts.emplace_back(std::string_view(part));
  const auto ratio = parts.size() == 3 ? read_number(parts[0]) : std::nullopt;
  if (!ratio || *ratio < 1 || *ratio > 1e6) {
    return fail(ErrorCode::kUsage,
                "arrivals 'mmpp:{}': expected RATIO,BURST,CALM such as mmpp:10,1s,9s, RATIO from 1 to 1e6",
                shown(text));
  }
  const auto seconds = [](Nanoseconds d) { return std::chrono::duration<double>(d).count(); };
  const Bursts bursts{.ratio = *ratio,
                      .burst_s = seconds(LUMOS_TRY(parse_duration(parts[1]))),
                      .calm_s = seconds(LUMOS_TRY(parse_duration(parts[2])))};
  if (bursts.burst_s < 1e-3 || bursts.calm_s < 1e-3) {
    return fail(ErrorCode::kUsage, "arrivals 'mmpp:{}': both states last at least 1ms in the mean", shown(text));
  }
  return bursts;
}

Expected<ArrivalSpec> read_file_of_times(const std::string& path, const std::string& rate) {
  if (!rate.empty())
    return fail(ErrorCode::kUsage, "arrivals 'file:{}' have their times in the file: leave --rate out", path);
  ArrivalSpec spec{.process = ArrivalProcess::kTimes};
  const std::string text = LUMOS_TRY(read_file(path));
  spec.times = LUMOS_TRY(parse_arrival_times(text, path));
  return spec;
}

}  // namespace

Expected<ArrivalSpec> parse_arrivals(const std::string& arrivals, const std::string& rate) {
  const std::size_t colon = arrivals.find(':');
  const std::string name = arrivals.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : arrivals.substr(colon + 1);
  const auto process = parse_name<ArrivalProcess>(name);
  if (!process) {
    return fail(ErrorCode::kUsage,
                "arrivals '{}' are unknown{}; known: uniform, poisson, mmpp, mmpp:RATIO,BURST,CALM, file:PATH",
                shown(arrivals), suggestion(name, std::vector<std::string>{"uniform", "poisson", "mmpp", "file"}));
  }
  if (process == ArrivalProcess::kTimes) return read_file_of_times(rest, rate);
  if (colon != std::string::npos && process != ArrivalProcess::kMmpp) {
    return fail(ErrorCode::kUsage, "arrivals '{}': nothing may follow '{}'", shown(arrivals), name);
  }
  if (rate.empty()) return fail(ErrorCode::kUsage, "arrivals '{}' need a rate: --rate 500", name);
  ArrivalSpec spec{.process = *process, .rate = LUMOS_TRY(parse_rate(rate))};
  if (colon != std::string::npos) spec.bursts = LUMOS_TRY(read_bursts(rest));
  return spec;
}

Expected<std::vector<std::int64_t>> parse_arrival_times(std::string_view text, const std::string& file_name) {
  std::vector<std::int64_t> times;
  int number = 0;
  for (const auto part : std::views::split(text, '\n')) {
    ++number;
    std::string_view line(part);
    line = line.substr(0, line.find('#'));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    if (line.empty()) continue;
    const auto seconds = read_number(line);
    if (!seconds || *seconds < 0 || *seconds >= kLongestSeconds) {
      return fail(ErrorCode::kUsage, "{}:{}: '{}' is not a time in s since the beginning, such as 0.25", file_name,
                  number, shown(line));
    }
    const std::int64_t time = std::llround(*seconds * 1e9);
    if (!times.empty() && time < times.back()) {
      return fail(ErrorCode::kUsage, "{}:{}: '{}' is earlier than the time before it", file_name, number, shown(line));
    }
    times.push_back(time);
  }
  if (times.empty()) return fail(ErrorCode::kUsage, "{}: holds no time", file_name);
  return times;
}

}  // namespace lumos
