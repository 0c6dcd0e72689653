#include <cmath>
#include <format>

#include "base/units.h"
#include "report/load_report.h"
#include "report/text.h"

namespace lumos {
namespace {

constexpr std::size_t kWidth = 120;

std::string duration(std::optional<double> ns) {
  if (!ns) return "–";
  if (!std::isfinite(*ns)) return "∞";
  return format_duration(Nanoseconds(std::llround(*ns)));
}

std::string rate(double per_s) { return per_s < 100 ? std::format("{:.3g}/s", per_s) : std::format("{:.0f}/s", per_s); }

// "1 user", "64 users".
std::string counted(std::uint64_t n, const char* noun) { return std::format("{} {}{}", n, noun, n == 1 ? "" : "s"); }

std::string head(const LoadResult& r) {
  const std::string connections = counted(static_cast<std::uint64_t>(r.spec.connections), "connection");
  const std::string what =
      r.spec.arrivals
          ? std::format("an open load, arrivals {}, over {}", name_of(r.spec.arrivals->process), connections)
          : std::format("a closed load of {}", counted(static_cast<std::uint64_t>(r.spec.connections), "user"));
  return wrap(std::format("{}: {}, {}{}: {}.", r.spec.target.url, what, format_duration(r.window),
                          r.interrupted ? " until it was interrupted" : "", counted(r.collected.requests(), "request")),
              kWidth);
}

std::string rates(const LoadResult& r) {
  std::string text = "  rate            ";
  if (const auto asked = r.rate_asked_per_s()) text += std::format("asked {}, ", rate(*asked));
  return text + std::format("sent {}, answered rightly {}\n", rate(r.rate_reached_per_s()), rate(r.throughput_per_s()));
}

std::string latencies(const LoadResult& r) {
  const auto of = [](std::optional<double> ms) { return duration(ms.transform([](double v) { return v * 1e6; })); };
  std::string text =
      std::format("  latency         p50 {}, p90 {}, p99 {}, p99.9 {}, max {}\n", of(r.latency_ms(0.5)),
                  of(r.latency_ms(0.9)), of(r.latency_ms(0.99)), of(r.latency_ms(0.999)), of(r.latency_ms(1)));
  if (r.collected.errors() > 0)
    text += std::format("  of right ones   p50 {}, p99 {}, max {}\n", of(r.latency_ok_ms(0.5)),
                        of(r.latency_ok_ms(0.99)), of(r.latency_ok_ms(1)));
  return text;
}

std::string errors(const Collector& collected) {
  std::string text;
  for (const auto& [outcome, name] : Names<Outcome>::kTable) {
    if (outcome == Outcome::kOk || collected.count(outcome) == 0) continue;
    text += std::format("{}{} {}", text.empty() ? "" : ", ", collected.count(outcome), name);
  }
  return "  errors          " + (text.empty() ? "none" : text) + '\n';
}

std::string generator(const LoadResult& r) {
  const Histogram& late = r.collected.schedule_error();
  std::string text = std::format("  schedule error  p50 {}, p99 {}, max {}\n", duration(late.quantile(0.5)),
                                 duration(late.quantile(0.99)), duration(late.max()));
  const auto cpu = r.cpu_us_per_request().transform([](double us) { return us * 1e3; });
  return text + std::format("  generator       {} CPU a request, {:.0f} % of a core{}\n", duration(cpu),
                            100 * r.core_share(),
                            r.pacing.real_time ? std::format(", real-time priority on core {}", *r.pacing.core) : "");
}

std::string verdicts(std::span<const Check> checks) {
  std::string text;
  for (const Check& check : checks) {
    if (check.status == CheckStatus::kPass) continue;
    text += wrap(std::format("  {}  {}: {}", name_of(check.status), check.name, check.detail), kWidth, "        ");
  }
  return text.empty() ? std::format("All {} checks passed.\n", checks.size()) : "Checks:\n" + text;
}

std::string finding(const LoadResult& r, std::span<const Check> checks) {
  for (const Check& check : checks) {
    if (check.name == "load_delivered" && check.status == CheckStatus::kFail)
      return "The load was not delivered as asked: its latencies are those of another load.\n";
  }
  const auto p99 = r.latency_ms(0.99).transform([](double v) { return v * 1e6; });
  return wrap(std::format("{} of {} answered rightly, at {}; p99 of all {}, counted from the intended time.",
                          r.collected.count(Outcome::kOk), counted(r.collected.requests(), "request"),
                          rate(r.throughput_per_s()), duration(p99)),
              kWidth);
}

}  // namespace

std::string load_text(const LoadResult& r, std::span<const Check> checks) {
  return head(r) + '\n' + rates(r) + latencies(r) + errors(r.collected) + generator(r) + '\n' + verdicts(checks) +
         '\n' + finding(r, checks);
}

std::string load_csv(const LoadResult& r) {
  std::string text = "intended_ns,sent_ns,done_ns,outcome\n";
  for (const LoadSample& s : r.collected.samples().items()) {
    const std::string sent = s.sent == LoadSample::kNever ? "" : std::to_string(s.sent);
    text += std::format("{},{},{},{}\n", s.intended, sent, s.done, name_of(s.outcome));
  }
  return text;
}

std::string progress_text(const LoadSpec& spec, const LoadProgress& p) {
  const double elapsed_s = std::chrono::duration<double>(p.elapsed).count();
  const std::string asked =
      spec.arrivals ? std::format("asked {}, ", rate(spec.arrivals->expected(p.elapsed) / elapsed_s)) : "";
  return std::format("{:.0f}/{:.0f} s: {}sent {}, p50 {}, p99 {}, {}", elapsed_s,
                     std::chrono::duration<double>(spec.duration).count(), asked,
                     rate(static_cast<double>(p.sent) / elapsed_s), duration(p.p50_ns), duration(p.p99_ns),
                     counted(p.errors, "error"));
}

}  // namespace lumos
