#include <sys/socket.h>

#include <array>
#include <thread>

#include "control/backend/load_join.h"
#include "control/backend/local.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

// What the gateway reports meanwhile is taken up in between, so that its channel does not fill; seldom, because whoever
// does it may sit on the gateway's core.
constexpr Nanoseconds kBetweenLooks = 10ms;
constexpr Nanoseconds kPatience = 2s;

LoadStanding to_standing(const wire::LoadStanding& s) {
  const auto quantile = [](std::int64_t ns) {
    const auto value = wire::optional(ns);
    return value.transform([](std::int64_t v) {
      return v == INT64_MAX ? std::numeric_limits<double>::infinity() : static_cast<double>(v);
    });
  };
  return {.elapsed = Nanoseconds(s.elapsed),
          .due = s.due,
          .sent = s.sent,
          .ended = s.ended,
          .errors = s.errors,
          .p50_ns = quantile(s.p50),
          .p99_ns = quantile(s.p99)};
}

}  // namespace

Expected<LocalBackend::FromGenerator> LocalBackend::receive_of_load(Nanoseconds patience) {
  alignas(16) std::array<std::byte, 2048> buffer{};
  static_assert(sizeof(wire::LoadEnd) <= sizeof buffer && sizeof(wire::LoadLatencies) <= sizeof buffer);
  const std::size_t size = LUMOS_TRY(generator_.receive_bytes(buffer.data(), buffer.size(), patience));
  const auto is = [&]<typename T>(T& message) {
    if (size != sizeof message || std::memcmp(buffer.data(), &message.kind, sizeof message.kind) != 0) return false;
    std::memcpy(&message, buffer.data(), sizeof message);
    return true;
  };
  wire::LoadBegins begins;
  wire::LoadStanding standing;
  wire::LoadSampleRecord sample;
  wire::LoadLatencies latencies;
  if (size == 0) return FromGenerator{};
  if (is(begins)) return FromGenerator{begins};
  if (is(standing)) return FromGenerator{standing};
  if (is(sample)) return FromGenerator{sample};
  if (is(latencies)) return FromGenerator{latencies};
  wire::LoadEnd end;
  if (is(end)) return FromGenerator{end};
  return fail(ErrorCode::kInternal, "a message of {} bytes from the load generator is unknown", size);
}

// All that the gateway has reported so far.
Expected<> LocalBackend::take_up(LoadJoin& join) {
  for (;;) {
    const Received received = LUMOS_TRY(receive(0ms));
    if (!received.any) return {};
    if (received.invocation) join.add(*received.invocation);
  }
}

Expected<Backend::Load> LocalBackend::load(const Cell& cell, const LoadTask& task) {
  LoadJoin join(cell, task, config_.plan->seed);
  LUMOS_TRY(take_up(join));                   // of requests given up in earlier visits
  (void)LUMOS_TRY(prepare(cell.deployment));  // an instance that failed has its note, and its requests their outcome
  LUMOS_TRY(
      generator_.send(wire::InvokeOrder{.sample = task.first_sample, .cell = cell.id, .repetition = task.repetition}));
  const Nanoseconds longest = cell.load->warmup + cell.load->duration + config_.plan->stop.timeout + 60s;
  const std::int64_t deadline = monotonic_ns() + longest.count();
  std::int64_t begin = INT64_MAX;
  std::optional<std::int64_t> cpu_before, cpu_after;
  bool ended = false, stopped = false;
  while (!ended) {
    if (monotonic_ns() > deadline) return fail(ErrorCode::kInternal, "the load generator does not come to its end");
    if (!stopped && task.interrupted()) {
      stopped = true;
      LUMOS_TRY(generator_.send(wire::InvokeOrder{.repetition = wire::kEndWindow}));
    }
    LUMOS_TRY(take_up(join));
    if (!cpu_before && monotonic_ns() >= begin) cpu_before = instances_.cpu_usage_total_ns();
    const FromGenerator message = LUMOS_TRY(receive_of_load(kBetweenLooks));
    if (const auto* begins = std::get_if<wire::LoadBegins>(&message)) begin = begins->begin;
    if (const auto* standing = std::get_if<wire::LoadStanding>(&message)) task.progress(to_standing(*standing));
    // The first of what comes at the end.
    if (!cpu_after && message.index() > 2) cpu_after = instances_.cpu_usage_total_ns();
    if (const auto* sample = std::get_if<wire::LoadSampleRecord>(&message)) join.add(sample->client);
    if (const auto* latencies = std::get_if<wire::LoadLatencies>(&message)) join.add(*latencies);
    if (const auto* end = std::get_if<wire::LoadEnd>(&message)) join.add(*end), ended = true;
  }
  // The gateway reports right after it has answered.
  for (const std::int64_t patience = monotonic_ns() + kPatience.count(); !join.complete();) {
    LUMOS_TRY(take_up(join));
    if (monotonic_ns() > patience) break;
    std::this_thread::sleep_for(1ms);
  }
  Load load =
      LUMOS_TRY(join.result(mark_.tag(), config_.plan->given_of(config_.plan->input_of(cell).function) == nullptr));
  if (cpu_before && cpu_after) load.record.instance_cpu_ns = *cpu_after - *cpu_before;
  return load;
}

}  // namespace lumos
