#include "control/environment/link_shaper.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace lumos {
namespace {

constexpr double kParetoShape = 3;
constexpr double kNanosecondBits = 8e9;

}  // namespace

LinkShaper::LinkShaper(const LinkDirection& direction, std::uint64_t seed, std::string_view stream)
    : direction_(direction),
      loss_(seed, std::string(stream) + ", loss"),
      jitter_(seed, std::string(stream) + ", jitter") {}

LinkShaper::Verdict LinkShaper::offer(std::int64_t now, std::int64_t bytes) {
  if (is_out(now)) return {.fate = PacketFate::kOutage};
  if (direction_.loss > 0 && loss_.uniform() < direction_.loss) return {.fate = PacketFate::kLost};
  std::int64_t through = now;
  if (direction_.rate_bit_per_s > 0) {
    // A bucket of one packet: what the rate has taken and not let through yet is the queue.
    const auto rate = static_cast<double>(direction_.rate_bit_per_s);
    const std::int64_t begin = std::max(now, sent_until_);
    const double queued_bytes = static_cast<double>(begin - now) * rate / kNanosecondBits;
    if (begin > now && queued_bytes + static_cast<double>(bytes) > static_cast<double>(direction_.queue_bytes))
      return {.fate = PacketFate::kQueueFull};
    sent_until_ = begin + std::llround(static_cast<double>(bytes) * kNanosecondBits / rate);
    through = sent_until_;
  }
  const std::int64_t delay = std::max<std::int64_t>(0, direction_.delay.count() + jitter());
  last_departure_ = std::max(last_departure_, through + delay);
  return {.departure = last_departure_};
}

bool LinkShaper::is_out(std::int64_t now) const {
  if (outages_from_ < 0) return false;
  return std::ranges::any_of(direction_.outages, [&](const Outage& o) {
    std::int64_t since = now - outages_from_ - o.at.count();
    if (since >= 0 && o.repeated.count() > 0) since %= o.repeated.count();
    return since >= 0 && since < o.lasting.count();
  });
}

std::int64_t LinkShaper::jitter() {
  if (direction_.jitter.of.count() == 0) return 0;
  const auto of = static_cast<double>(direction_.jitter.of.count());
  const double u = jitter_.uniform();
  switch (direction_.jitter.distribution) {
    case JitterKind::kUniform:
      return std::llround(of * (2 * u - 1));
    case JitterKind::kPareto:  // Lomax by its inverse: scale of·(shape − 1) has the mean `of`
      return std::llround(of * (kParetoShape - 1) * (std::pow(1 - u, -1 / kParetoShape) - 1));
    case JitterKind::kNormal:  // Box and Muller, 1958
      return std::llround(of * std::sqrt(-2 * std::log(1 - u)) * std::cos(2 * std::numbers::pi * jitter_.uniform()));
  }
  return 0;
}

}  // namespace lumos
