#include <array>
#include <charconv>
#include <cmath>
#include <ranges>
#include <span>

#include "base/units.h"
#include "workload/rate_schedule.h"
#include "workload/yaml_text.h"

namespace lumos {
namespace {

constexpr double kHighestRate = 1e7;
constexpr std::size_t kMostPieces = 1000;

std::unexpected<Error> no_rate(std::string_view text) {
  return fail(ErrorCode::kUsage,
              "'{}' is not a rate: a number per second such as 500, pieces such as 100:10s,100-500:30s, or "
              "sine:MEAN,AMPLITUDE,PERIOD; at most {:.0f} per second, {} pieces",
              shown(text), kHighestRate, kMostPieces);
}

Expected<double> read_rate(std::string_view text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || std::signbit(value) ||
      value > kHighestRate) {
    return no_rate(text);
  }
  return value;
}

Expected<double> read_seconds(std::string_view text) {
  const Nanoseconds duration = LUMOS_TRY(parse_duration(std::string(text)));
  if (duration <= Nanoseconds(0)) return no_rate(text);
  return std::chrono::duration<double>(duration).count();
}

// "100:10s" or "100-500:30s".
Expected<RateSchedule::Piece> read_piece(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return no_rate(text);
  const std::string_view rates = text.substr(0, colon);
  const std::size_t dash = rates.find('-');
  RateSchedule::Piece piece{.seconds = LUMOS_TRY(read_seconds(text.substr(colon + 1)))};
  piece.from_per_s = LUMOS_TRY(read_rate(rates.substr(0, dash)));
  piece.to_per_s = dash == std::string_view::npos ? piece.from_per_s : LUMOS_TRY(read_rate(rates.substr(dash + 1)));
  return piece;
}

Expected<RateSchedule> read_sine(std::string_view text) {
  std::array<std::string_view, 3> parts;
  std::size_t count = 0;
  for (const auto part : std::views::split(text, ',')) {
    if (count == parts.size()) return no_rate(text);
    parts[count++] = std::string_view(part);
  }
  if (count < parts.size()) return no_rate(text);
  const double mean = LUMOS_TRY(read_rate(parts[0])), amplitude = LUMOS_TRY(read_rate(parts[1]));
  if (mean <= 0 || amplitude > mean) {
    return fail(ErrorCode::kUsage, "rate 'sine:{}': the mean must be above 0, the amplitude at most the mean",
                shown(text));
  }
  return RateSchedule::sine(mean, amplitude, LUMOS_TRY(read_seconds(parts[2])));
}

}  // namespace

Expected<RateSchedule> parse_rate(const std::string& text) {
  constexpr std::string_view kSine = "sine:";
  if (text.starts_with(kSine)) return read_sine(std::string_view(text).substr(kSine.size()));
  std::vector<RateSchedule::Piece> pieces;
  if (text.find(':') == std::string::npos) {
    const double rate = LUMOS_TRY(read_rate(text));
    pieces.push_back({0, rate, rate});
  } else {
    for (const auto part : std::views::split(text, ',')) {
      if (pieces.size() == kMostPieces) return no_rate(text);
      pieces.push_back(LUMOS_TRY(read_piece(std::string_view(part))));
    }
  }
  if (pieces.back().to_per_s <= 0) {
    return fail(ErrorCode::kUsage, "rate '{}': must end above 0, for that is how it goes on", shown(text));
  }
  return RateSchedule::pieces(std::move(pieces));
}

}  // namespace lumos
