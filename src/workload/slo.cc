#include "workload/slo.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <ranges>

#include "base/suggest.h"
#include "base/units.h"
#include "workload/yaml_text.h"

namespace lumos {
namespace {

constexpr std::size_t kMostTerms = 16;

std::unexpected<Error> refuse(std::string_view term, const std::string& why) {
  return fail(ErrorCode::kUsage, "SLO '{}': {}; such as p99<200ms, throughput>50/s or error<0.1%", shown(term), why);
}

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0)
    return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "N" without its unit; nullopt when the unit is another.
std::optional<double> number_with(std::string_view text, std::string_view unit) {
  if (!text.ends_with(unit)) return std::nullopt;
  text.remove_suffix(unit.size());
  return read_number(text);
}

Expected<SloTerm> read_term(std::string_view term) {
  const std::size_t at = term.find_first_of("<>");
  if (at == std::string_view::npos) return refuse(term, "expected a word, < or >, and a bound");
  const std::string_view word = trimmed(term.substr(0, at)), bound = trimmed(term.substr(at + 1));
  const bool below = term[at] == '<';
  SloTerm result{.text = std::string(word) + term[at] + std::string(bound)};
  if (word == "cost") return refuse(term, "cost is not available yet");
  if (word == "throughput") {
    const auto per_s = number_with(bound, "/s");
    if (below || !per_s || *per_s <= 0)
      return refuse(term, "a throughput has a lower bound, in right answers per second");
    result.kind = SloTerm::Kind::kThroughput;
    result.bound = *per_s;
    return result;
  }
  if (word == "error") {
    const auto percent = number_with(bound, "%");
    if (!below || !percent || *percent <= 0 || *percent > 100)
      return refuse(term, "errors have an upper bound above 0%, at most 100%");
    result.kind = SloTerm::Kind::kErrors;
    result.bound = *percent / 100;
    return result;
  }
  const auto percentile = word.starts_with('p') ? read_number(word.substr(1)) : std::nullopt;
  if (!percentile) {
    static const std::vector<std::string> kWords{"p50", "p95", "p99", "throughput", "error"};
    return refuse(term, "unknown word '" + shown(word) + "'" + suggestion(std::string(word), kWords));
  }
  if (*percentile <= 0 || *percentile >= 100) return refuse(term, "a quantile lies above p0 and below p100");
  const auto time = parse_duration(std::string(bound));
  if (!below || !time || *time <= Nanoseconds(0)) return refuse(term, "a latency has an upper bound, a time above 0");
  result.quantile = *percentile / 100;
  result.bound = std::chrono::duration<double, std::milli>(*time).count();
  return result;
}

}  // namespace

Expected<std::vector<SloTerm>> parse_slo(std::string_view text) {
  std::vector<SloTerm> terms;
  for (const auto part : std::views::split(text, ',')) {
    const std::string_view term = trimmed(std::string_view(part));
    if (terms.size() == kMostTerms) return refuse(term, std::format("at most {} objectives", kMostTerms));
    SloTerm read = LUMOS_TRY(read_term(term));
    const bool twice = std::ranges::any_of(terms, [&](const SloTerm& known) {
      return known.kind == read.kind && (read.kind != SloTerm::Kind::kLatency || known.quantile == read.quantile);
    });
    if (twice) return refuse(term, "stands there twice");
    terms.push_back(std::move(read));
  }
  if (terms.empty()) return refuse(text, "is empty");
  return terms;
}

}  // namespace lumos
