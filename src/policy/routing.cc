#include "policy/routing.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace lumos {
namespace {

bool more_recent(const RoutingCandidate& a, const RoutingCandidate& b) { return a.last_answer > b.last_answer; }

bool less_loaded(const RoutingCandidate& a, const RoutingCandidate& b) {
  return std::tuple(a.in_flight, b.last_answer) < std::tuple(b.in_flight, a.last_answer);
}

}  // namespace

// Two different ones where there are two: the second is drawn among the others (Mitzenmacher, "The power of two choices
// in randomized load balancing", 2001).
std::optional<std::size_t> choose_instance(Routing routing, std::span<const RoutingCandidate> candidates,
                                           int container_concurrency, std::array<double, 2> draws) {
  std::vector<std::size_t> free;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (container_concurrency == 0 || candidates[i].in_flight < container_concurrency) free.push_back(i);
  }
  if (free.empty()) return std::nullopt;
  if (routing == Routing::kTwoRandomChoices && free.size() > 2) {
    const auto pick = [&](double draw, std::size_t from) {
      const std::size_t count = free.size() - from;
      std::swap(free[from],
                free[from + std::min(count - 1, static_cast<std::size_t>(draw * static_cast<double>(count)))]);
    };
    pick(draws[0], 0);
    pick(draws[1], 1);
    free.resize(2);
  }
  const auto before = routing == Routing::kMostRecentlyUsed ? more_recent : less_loaded;
  return *std::ranges::min_element(free,
                                   [&](std::size_t a, std::size_t b) { return before(candidates[a], candidates[b]); });
}

}  // namespace lumos
