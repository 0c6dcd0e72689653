#include "policy/routing.h"

#include <algorithm>
#include <tuple>

namespace lumos {
namespace {

bool more_recent(const RoutingCandidate& a, const RoutingCandidate& b) { return a.last_answer > b.last_answer; }

bool less_loaded(const RoutingCandidate& a, const RoutingCandidate& b) {
  return std::tuple(a.in_flight, b.last_answer) < std::tuple(b.in_flight, a.last_answer);
}

// Two different ones where there are two: the second is drawn among the others (Mitzenmacher, "The power of two choices
// in randomized load balancing", 2001).
std::array<std::size_t, 2> draw_two(std::size_t count, std::array<double, 2> draws) {
  const auto below = [](double draw, std::size_t bound) {
    return std::min(bound - 1, static_cast<std::size_t>(draw * static_cast<double>(bound)));
  };
  const std::size_t first = below(draws[0], count), second = below(draws[1], count - 1);
  return {first, second < first ? second : second + 1};
}

}  // namespace

std::optional<std::size_t> choose_instance(Routing routing, std::span<const RoutingCandidate> candidates,
                                           int container_concurrency, std::array<double, 2> draws) {
  const auto is_free = [&](const RoutingCandidate& c) {
    return container_concurrency == 0 || c.in_flight < container_concurrency;
  };
  const auto before = routing == Routing::kMostRecentlyUsed ? more_recent : less_loaded;
  std::array<std::size_t, 2> drawn{};
  const auto free = static_cast<std::size_t>(std::ranges::count_if(candidates, is_free));
  const bool some = routing == Routing::kTwoRandomChoices && free > 2;
  if (some) drawn = draw_two(free, draws);
  std::optional<std::size_t> best;
  for (std::size_t i = 0, nth = 0; i < candidates.size(); ++i) {
    if (!is_free(candidates[i])) continue;
    const std::size_t place = nth++;
    if (some && place != drawn[0] && place != drawn[1]) continue;
    if (!best || before(candidates[i], candidates[*best])) best = i;
  }
  return best;
}

}  // namespace lumos
