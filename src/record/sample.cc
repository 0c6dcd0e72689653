#include "record/sample.h"

#include <algorithm>

namespace lumos {
namespace {

// Of stamps that a process in its death wrote: any bytes. Their difference wraps, where it would be undefined.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

}  // namespace

std::optional<std::int64_t> Sample::latency_ns() const {
  if (!stamps.intended || !stamps.done) return std::nullopt;
  return minus(*stamps.done, *stamps.intended);
}

std::optional<PhaseBreakdown> phases_of(const Sample& sample) {
  const auto latency = sample.latency_ns();
  if (!latency) return std::nullopt;
  PhaseBreakdown result{.residual_ns = *latency};
  const auto add = [&](const char* name, std::optional<std::int64_t> duration) {
    if (!duration) return;
    result.parts.emplace_back(name, *duration);
    result.residual_ns = minus(result.residual_ns, *duration);
  };
  const auto between = [](std::optional<std::int64_t> from, std::optional<std::int64_t> to) {
    return from && to ? std::optional(minus(*to, *from)) : std::nullopt;
  };
  // Who waited behind another's creation may have come in the midst of it: what was before is no part of its latency.
  Stamps t = sample.stamps;
  for (auto* stamp : {&t.create_begin, &t.create_end, &t.start_begin, &t.start_end, &t.ready}) {
    if (*stamp && t.received) *stamp = std::max(**stamp, *t.received);
  }
  const Spans& s = sample.spans;
  const bool launched = t.create_begin.has_value();
  add("pace", between(t.intended, t.sent));
  add("to_gateway", between(t.sent, t.received));
  add("queue", between(t.received, t.pull_begin ? t.pull_begin : launched ? t.create_begin : t.dispatched));
  add("pull", between(t.pull_begin, t.pull_end));
  add("unpack", between(t.unpack_begin, t.unpack_end));
  add("create", between(t.create_begin, t.create_end));
  add("start", between(t.start_begin, t.start_end));
  add("ready", between(t.start_end ? t.start_end : t.create_end, t.ready));
  if (launched) add("dispatch", between(t.ready, t.dispatched));
  // The hops are what the function's own time leaves of the gateway's: both ends of one subtraction, so no clock is
  // compared.
  if (const auto away = between(t.dispatched, t.responded); away && s.handle) {
    add("hops", minus(*away, *s.handle));
    add("deserialize", s.deserialize);
    add("fetch", s.fetch);
    add("compute", s.compute);
    add("digest", s.digest);
    add("store", s.store);
    add("serialize", s.serialize);
  } else {
    add("function", away);
  }
  add("return", between(t.responded, t.done));
  return result;
}

}  // namespace lumos
