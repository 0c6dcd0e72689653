#include "workload/scaling_read.h"

#include <ranges>
#include <string>

#include "workload/yaml_read.h"
#include "workload/yaml_text.h"

namespace lumos {
namespace {

using Words = std::vector<std::string>;

template <typename E>
Words words_of() {
  Words words;
  for (const auto& [value, name] : Names<E>::kTable) words.emplace_back(name);
  return words;
}

Expected<> read_bounds(const YamlNode& node, Scaling& scaling) {
  const YamlNode* max = node.find("max_scale");
  const YamlNode* min = node.find("min_scale");
  const YamlNode* initial = node.find("initial_scale");
  if (max != nullptr) scaling.max_scale = LUMOS_TRY(read_integer(*max, "'scaling.max_scale'", 0, kMostInstances));
  if (min != nullptr) scaling.min_scale = LUMOS_TRY(read_integer(*min, "'scaling.min_scale'", 0, kMostInstances));
  if (initial != nullptr)
    scaling.initial_scale = LUMOS_TRY(read_integer(*initial, "'scaling.initial_scale'", 0, kMostInstances));
  if (scaling.max_scale == 0) return {};
  if (scaling.min_scale > scaling.max_scale)
    return fail_at(min->mark, "'scaling.min_scale' must be at most 'scaling.max_scale' ({}), not {}", scaling.max_scale,
                   scaling.min_scale);
  if (scaling.initial_scale > scaling.max_scale)
    return fail_at(initial->mark, "'scaling.initial_scale' must be at most 'scaling.max_scale' ({}), not {}",
                   scaling.max_scale, scaling.initial_scale);
  return {};
}

Expected<> read_factors(const YamlNode& node, ScalingFactors& factors) {
  if (const auto* routing = node.find("routing")) {
    constexpr std::string_view kWhat = "'scaling.routing'";
    factors.routing.clear();
    for (const YamlNode* item : LUMOS_TRY(read_items(*routing, kWhat))) {
      const std::string word = LUMOS_TRY(read_word(*item, "routing", words_of<Routing>()));
      LUMOS_TRY(push_unique(factors.routing, *parse_name<Routing>(word), *item, kWhat));
    }
  }
  if (const auto* concurrency = node.find("container_concurrency")) {
    constexpr std::string_view kWhat = "'scaling.container_concurrency'";
    factors.container_concurrency.clear();
    for (const YamlNode* item : LUMOS_TRY(read_items(*concurrency, kWhat))) {
      const auto value = LUMOS_TRY(read_integer(*item, kWhat, 0, 1000));
      LUMOS_TRY(push_unique(factors.container_concurrency, value, *item, kWhat));
    }
  }
  factors.scaling.routing = factors.routing.front();
  factors.scaling.container_concurrency = factors.container_concurrency.front();
  return {};
}

Expected<Nanoseconds> read_at_least(const YamlNode& node, std::string_view what, Nanoseconds least) {
  const auto time = LUMOS_TRY(read_duration(node, what));
  if (time >= least) return time;
  return fail_at(node.mark, "{} must be at least {} s, not {}", what,
                 std::chrono::duration_cast<std::chrono::seconds>(least).count(), found(node));
}

// Knative's names, defaults and bounds.
Expected<> read_kpa(const YamlNode& node, Scaling& scaling) {
  constexpr Nanoseconds kLeast = std::chrono::seconds(6);
  static const Words kKeys{"target_utilization_percentage", "stable_window", "panic_window_percentage",
                           "panic_threshold_percentage", "scale_to_zero_grace_period"};
  if (scaling.autoscaler != Autoscaler::kKpa) {
    for (const auto& entry : node.entries) {
      if (std::ranges::contains(kKeys, entry.key.scalar))
        return fail_at(entry.key.mark, "'scaling.{}' is of the autoscaler kpa: say also autoscaler: kpa",
                       entry.key.scalar);
    }
    return {};
  }
  const auto percentage = [&](const std::string& key, std::int64_t min, std::int64_t max,
                              std::int64_t& to) -> Expected<> {
    if (const auto* value = node.find(key))
      to = LUMOS_TRY(read_integer(*value, std::format("'scaling.{}'", key), min, max));
    return {};
  };
  LUMOS_TRY(percentage(kKeys[0], 1, 100, scaling.target_utilization_percentage));
  LUMOS_TRY(percentage(kKeys[2], 1, 100, scaling.panic_window_percentage));
  LUMOS_TRY(percentage(kKeys[3], 110, 1000, scaling.panic_threshold_percentage));
  if (const auto* window = node.find(kKeys[1]))
    scaling.stable_window = LUMOS_TRY(read_at_least(*window, "'scaling.stable_window'", kLeast));
  if (const auto* grace = node.find(kKeys[4]))
    scaling.scale_to_zero_grace_period =
        LUMOS_TRY(read_at_least(*grace, "'scaling.scale_to_zero_grace_period'", kLeast));
  return {};
}

}  // namespace

std::vector<Scaling> ScalingFactors::all() const {
  std::vector<Scaling> scalings;
  for (const auto& [how, concurrency] : std::views::cartesian_product(routing, container_concurrency)) {
    Scaling one = scaling;
    one.routing = how;
    one.container_concurrency = concurrency;
    scalings.push_back(one);
  }
  return scalings;
}

Expected<ScalingFactors> read_scaling(const YamlNode& node) {
  static const Words kKeys{"autoscaler",
                           "min_scale",
                           "max_scale",
                           "initial_scale",
                           "container_concurrency",
                           "routing",
                           "queue_limit",
                           "keep_alive",
                           "timeout",
                           "target_utilization_percentage",
                           "stable_window",
                           "panic_window_percentage",
                           "panic_threshold_percentage",
                           "scale_to_zero_grace_period"};
  LUMOS_TRY(check_map(node, "'scaling'", kKeys));
  ScalingFactors factors;
  Scaling& scaling = factors.scaling;
  if (const auto* autoscaler = node.find("autoscaler"))
    scaling.autoscaler =
        *parse_name<Autoscaler>(LUMOS_TRY(read_word(*autoscaler, "autoscaler", words_of<Autoscaler>())));
  LUMOS_TRY(read_bounds(node, scaling));
  LUMOS_TRY(read_factors(node, factors));
  if (const auto* limit = node.find("queue_limit"))
    scaling.queue_limit = LUMOS_TRY(read_integer(*limit, "'scaling.queue_limit'", 0, 1'000'000));
  if (const auto* keep = node.find("keep_alive"))
    scaling.keep_alive = LUMOS_TRY(read_duration(*keep, "'scaling.keep_alive'"));
  if (const auto* timeout = node.find("timeout"))
    scaling.timeout = LUMOS_TRY(read_duration(*timeout, "'scaling.timeout'"));
  LUMOS_TRY(read_kpa(node, scaling));
  return factors;
}

}  // namespace lumos
