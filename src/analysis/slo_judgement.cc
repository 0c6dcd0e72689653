#include "analysis/slo_judgement.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <limits>

#include "analysis/loads.h"
#include "analysis/wording.h"

namespace lumos {
namespace {

constexpr double kZ = 1.959964;  // of a 95 % interval

// Below, the largest of all lies under the quantile with more than 5 %: as in stats/bootstrap.h.
std::size_t fewest_for(double p) { return static_cast<std::size_t>(std::ceil(std::log(0.05) / std::log(p))); }

TermJudgement judge_latency(const SloTerm& term, const CellRecords& records, std::uint64_t seed) {
  const auto latencies = load_latencies(records, false);
  TermJudgement j{.term = term};
  const auto estimate =
      bootstrap_quantile_of_frequencies(latencies, term.quantile, RandomStream(seed, "slo " + term.text));
  if (!estimate) return j;
  j.value = estimate->value;
  std::uint64_t samples = 0;
  for (const auto& replicate : latencies) {
    for (const auto& [ms, count] : replicate) samples += count;
  }
  if (estimate->ci && samples >= fewest_for(term.quantile)) j.lo = estimate->ci->lo, j.hi = estimate->ci->hi;
  j.met = *j.value < term.bound;
  return j;
}

// Wilson's interval ("Probable inference, the law of succession, and statistical inference", JASA 22, 1927).
TermJudgement judge_errors(const SloTerm& term, const CellRecords& records) {
  TermJudgement j{.term = term};
  double failed = 0, n = 0;
  for (const auto& visit : records.visits) {
    if (visit.load == nullptr) continue;
    failed += static_cast<double>(visit.load->errors());
    n += static_cast<double>(visit.load->ended());
  }
  if (n == 0) return j;
  const double p = failed / n, z = kZ * kZ / n;
  const double middle = (p + z / 2) / (1 + z), half = kZ * std::sqrt(p * (1 - p) / n + z / (4 * n)) / (1 + z);
  j.value = p, j.lo = std::max(0.0, middle - half), j.hi = std::min(1.0, middle + half);
  if (failed == 0) j.lo = 0;
  j.met = p < term.bound;
  return j;
}

TermJudgement judge_throughput(const SloTerm& term, const CellRecords& records) {
  TermJudgement j{.term = term};
  const auto load = load_of(records);
  if (!load || !load->throughput_per_s) return j;
  j.value = load->throughput_per_s->value;
  if (load->throughput_per_s->ci) j.lo = load->throughput_per_s->ci->lo, j.hi = load->throughput_per_s->ci->hi;
  j.met = *j.value > term.bound;
  return j;
}

std::string value_text(const TermJudgement& j) {
  if (!j.value) return "was not measured";
  switch (j.term.kind) {
    case SloTerm::Kind::kLatency:
      return "is " + format_ms(*j.value);
    case SloTerm::Kind::kThroughput:
      return std::format("is {:.3g}/s", *j.value);
    case SloTerm::Kind::kErrors:
      return std::format("is {:.3g} %", *j.value * 100);
  }
  return "";
}

TermJudgement judge_term(const SloTerm& term, const CellRecords& records, std::uint64_t seed) {
  TermJudgement j = term.kind == SloTerm::Kind::kLatency  ? judge_latency(term, records, seed)
                    : term.kind == SloTerm::Kind::kErrors ? judge_errors(term, records)
                                                          : judge_throughput(term, records);
  const bool none_failed = term.kind == SloTerm::Kind::kErrors && j.value == 0;
  j.sure = none_failed || (j.lo && j.hi && (*j.hi < term.bound || *j.lo > term.bound));
  return j;
}

}  // namespace

Judgement judge_slo(std::span<const SloTerm> slo, const CellRecords& records, bool delivered, std::uint64_t seed) {
  Judgement judgement{.meets = true, .sure = true, .delivered = delivered};
  const auto miss = [&](const std::string& why, bool sure) {
    judgement.sure = judgement.meets ? sure : judgement.sure || sure;
    judgement.meets = false;
    judgement.reason += (judgement.reason.empty() ? "" : "; ") + why;
  };
  bool all_sure = true;
  for (const SloTerm& term : slo) {
    const TermJudgement& j = judgement.terms.emplace_back(judge_term(term, records, seed));
    all_sure = all_sure && j.sure;
    if (!j.met) miss(std::format("{}: it {}", term.text, value_text(j)), j.sure);
  }
  const auto load = load_of(records);
  if (load && load->backlog && load->backlog->grows)
    miss(std::format("the backlog grows by {:.3g} requests in half a window (p = {:.2g})", load->backlog->mean.value,
                     load->backlog->probability),
         true);
  if (!delivered) miss("the load was not delivered as asked", false);
  if (judgement.meets) judgement.sure = all_sure;
  return judgement;
}

}  // namespace lumos
