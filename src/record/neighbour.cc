#include "record/neighbour.h"

#include <charconv>

#include "base/units.h"

namespace lumos {
namespace {

std::optional<double> parse_share(std::string_view text) {
  double percent = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (status != std::errc{} || std::string_view(end, text.data() + text.size()) != "%") return std::nullopt;
  return percent >= 1 && percent <= 100 ? std::optional(percent / 100) : std::nullopt;
}

std::optional<double> parse_rate(std::string_view text, double min, double max) {
  if (!text.ends_with("/s")) return std::nullopt;
  const auto bytes = parse_bytes(std::string(text.substr(0, text.size() - 2)));
  if (!bytes) return std::nullopt;
  const auto rate = static_cast<double>(*bytes);
  return rate >= min && rate <= max ? std::optional(rate) : std::nullopt;
}

}  // namespace

std::optional<Neighbour> parse_neighbour(std::string_view text) {
  if (text == "none") return Neighbour{};
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view kind = text.substr(0, colon), amount = text.substr(colon + 1);
  const auto as = [](NeighbourKind k, std::optional<double> value) {
    return value.transform([k](double v) { return Neighbour{.kind = k, .amount = v}; });
  };
  if (kind == "cpu") return as(NeighbourKind::kCpu, parse_share(amount));
  if (kind == "memory") return as(NeighbourKind::kMemory, parse_rate(amount, 1e6, 1e11));
  if (kind == "io") return as(NeighbourKind::kIo, parse_rate(amount, 64e3, 1e10));
  return std::nullopt;
}

}  // namespace lumos
