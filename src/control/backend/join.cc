#include "control/backend/join.h"

#include <cmath>

namespace lumos {
namespace {

using wire::optional;

void read_client(const wire::ClientRecord& c, Sample& s) {
  if (const auto status = optional(c.http_status)) s.http_status = static_cast<int>(*status);
  s.stamps.intended = optional(c.intended);
  s.stamps.sent = optional(c.sent);
  s.stamps.done = optional(c.done);
  s.spans = {.receive = optional(c.receive),
             .deserialize = optional(c.deserialize),
             .fetch = optional(c.fetch),
             .compute = optional(c.compute),
             .digest = optional(c.digest_span),
             .store = optional(c.store),
             .serialize = optional(c.serialize),
             .handle = optional(c.handle),
             .cpu = optional(c.cpu)};
  s.invocation = optional(c.invocation);
  s.request_bytes = optional(c.request_bytes);
  s.response_bytes = optional(c.response_bytes);
  s.digest = c.digest.str();
}

void read_gateway(const wire::GatewayRecord& g, Sample& s) {
  s.instance = optional(g.instance);
  s.idle_gap_ns = optional(g.idle_gap);
  s.stamps.received = optional(g.received);
  s.stamps.pull_begin = optional(g.pull_begin);
  s.stamps.pull_end = optional(g.pull_end);
  s.stamps.unpack_begin = optional(g.unpack_begin);
  s.stamps.unpack_end = optional(g.unpack_end);
  s.stamps.create_begin = optional(g.create_begin);
  s.stamps.create_end = optional(g.create_end);
  s.stamps.start_begin = optional(g.start_begin);
  s.stamps.start_end = optional(g.start_end);
  s.stamps.ready = optional(g.ready);
  s.stamps.dispatched = optional(g.dispatched);
  s.stamps.responded = optional(g.responded);
  s.cpu_before_ns = optional(g.cpu_before);
  s.cpu_after_ns = optional(g.cpu_after);
  if (s.stamps.dispatched) s.start = g.start;
}

// Alone in its instance: the gateway's count, which is 1 unless the start was warm. Beside others the instance may have
// taken them in another order: then its name, and that a warm one was not the first.
bool verify_start(const wire::ClientRecord& c, const wire::GatewayRecord& g, const std::string& instance_name,
                  bool keeps_contract) {
  const bool own = g.start == Start::kCold || g.start == Start::kFirst || g.start == Start::kBehind;
  const bool beside_others = wire::optional(g.in_flight).value_or(1) > 1;
  if (!keeps_contract) return own ? beside_others || g.dispatches == 1 : g.dispatches > 1;
  if (c.instance.str() != instance_name || c.invocation < 1) return false;
  if (beside_others) return own || c.invocation > 1;
  return c.invocation == g.dispatches && own == (c.invocation == 1);
}

}  // namespace

Sample join_records(const Cell& cell, const wire::ClientRecord& client,
                    const std::optional<wire::GatewayRecord>& gateway, const std::string& instance_name,
                    bool keeps_contract) {
  Sample s{.id = client.sample, .outcome = client.outcome};
  read_client(client, s);
  if (gateway) {
    read_gateway(*gateway, s);
    if (gateway->failed) s.outcome = gateway->outcome;
    if (s.outcome == Outcome::kOk) s.start_verified = verify_start(client, *gateway, instance_name, keeps_contract);
  }
  // The gateway's own 502 came with a reason.
  const bool stored = cell.factors.contains("storage") && cell.factors.at("storage").is_string() &&
                      cell.factors.at("storage") != "inline";  // null: of what is given, which stores nothing
  if (s.outcome == Outcome::kBadStatus && s.http_status == 502 && stored) s.outcome = Outcome::kStorageFailed;
  if (s.outcome == Outcome::kOk && cell.expected_digest && s.digest != *cell.expected_digest)
    s.outcome = Outcome::kWrongOutput;
  return s;
}

Instance to_instance(const wire::InstanceRecord& r) {
  std::vector<StepTime> steps;
  for (const auto& [step, name] : Names<Step>::kTable) {
    const wire::StepRecord& s = r.steps[static_cast<std::size_t>(step)];
    if (s.begin != wire::kAbsent && s.end != wire::kAbsent) steps.push_back({step, s.begin, s.end, optional(s.cpu)});
  }
  return {.id = r.instance,
          .name = r.name.str(),
          .cpu_launch_ns = optional(r.cpu_launch),
          .cpu_total_ns = optional(r.cpu_total),
          .memory_peak_bytes = optional(r.memory_peak),
          .aot_code_bytes = optional(r.aot_code),
          .note = r.note.str(),
          .counters = wire::unpack(r.counters),
          .cores_allowed = r.cores_allowed.str().empty() ? std::nullopt : std::optional(r.cores_allowed.str()),
          .steps = std::move(steps)};
}

ScaleDecision to_decision(const wire::ScaleRecord& r) {
  const auto number = [](double value) { return std::isnan(value) ? std::nullopt : std::optional(value); };
  return {.deployment = r.deployment,
          .time = Nanoseconds(r.time),
          .stable_concurrency = number(r.stable_concurrency),
          .panic_concurrency = number(r.panic_concurrency),
          .desired = static_cast<int>(r.desired),
          .actual = static_cast<int>(r.actual),
          .panicking = r.panicking,
          .reason = r.reason};
}

}  // namespace lumos
