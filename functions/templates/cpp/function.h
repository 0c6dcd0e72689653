// @name@: n steps of a pseudorandom generator. Put your own work in `steps`.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "sdk/serve.h"

constexpr std::int64_t kMaxN = 1'000'000'000;
constexpr std::uint64_t kSeed = 88'172'645'463'325'252;

/// Marsaglia's xorshift, 64 bits. Only black_box keeps a compiler from moving the loop out of the timed span.
inline std::uint64_t steps(std::int64_t n) {
  std::uint64_t value = kSeed;
  for (std::int64_t left = sdk::black_box(n); left > 0; --left) {
    value ^= value << 13;
    value ^= value >> 7;
    value ^= value << 17;
  }
  return sdk::black_box(value);
}

/// Answers one request.
inline std::expected<sdk::Answer, sdk::Failure> answer(const sdk::Json& request, sdk::Spans& spans) {
  sdk::Fields fields(request);
  const std::int64_t n = fields.integer("n", 0, kMaxN);
  if (const auto failure = fields.failure()) return std::unexpected(*failure);
  const std::uint64_t value = spans.time(sdk::Span::kCompute, [&] { return steps(n); });
  return sdk::Answer{.response = {{"n", n}, {"value", std::to_string(value)}}, .digest = sdk::digest(value)};
}
