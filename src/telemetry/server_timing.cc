#include "telemetry/server_timing.h"

#include <charconv>
#include <cmath>

namespace lumos {
namespace {

// Eleven days. Of a header as long as http::kMaxHeaderBytes allows, the sum still fits.
constexpr double kLongestMs = 1e9;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The part before `mark`, which is taken off `text` together with the mark.
std::string_view take_until(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return trim(part);
}

std::optional<std::int64_t> duration_ns(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = take_until(parameters, ';');
    if (!parameter.starts_with("dur=")) continue;
    double ms = 0;
    const auto [end, status] = std::from_chars(parameter.data() + 4, parameter.data() + parameter.size(), ms);
    const bool whole = status == std::errc{} && end == parameter.data() + parameter.size();
    if (whole && ms >= 0 && ms < kLongestMs) return std::llround(ms * 1e6);
  }
  return std::nullopt;
}

}  // namespace

Spans parse_server_timing(std::string_view header) {
  Spans spans;
  const std::pair<std::string_view, std::optional<std::int64_t>*> known[] = {
      {"receive", &spans.receive},     {"deserialize", &spans.deserialize}, {"fetch", &spans.fetch},
      {"compute", &spans.compute},     {"digest", &spans.digest},           {"store", &spans.store},
      {"serialize", &spans.serialize}, {"handle", &spans.handle},           {"cpu", &spans.cpu}};
  while (!header.empty()) {
    std::string_view entry = take_until(header, ',');
    const std::string_view name = take_until(entry, ';');
    const auto duration = duration_ns(entry);
    if (!duration) continue;
    for (const auto& [word, span] : known) {
      if (word == name) *span = span->value_or(0) + *duration;
    }
  }
  return spans;
}

}  // namespace lumos
