// The checks of where and on what instances ran: stolen time, other load, throttling, cores, images.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <format>
#include <set>

#include "analysis/checks.h"
#include "analysis/wording.h"
#include "base/error.h"
#include "base/units.h"
#include "record/neighbour.h"

namespace lumos {
namespace {

constexpr double kNeighbourThatFlags = 0.9, kNeighbourThatFails = 0.5;
constexpr double kStealThatFlags = 0.01, kStealThatFails = 0.05, kOtherLoadThatFlags = 0.2;
// The kernel counts both in ticks of 10 ms: of less than two a sum of windows says nothing.
constexpr std::int64_t kTwoTicks = 20'000'000;

std::string percent(double share) { return std::format("{:.{}f} %", share * 100, share < 0.1 ? 1 : 0); }

/// Instances that a check can speak of: those that were looked at, and those that answered.
struct Looked {
  std::size_t at = 0, not_at = 0;

  void add(bool looked, bool answered) {
    if (looked) ++at;
    if (!looked && answered) ++not_at;
  }
  /// The verdict when nothing was found.
  Check verdict(Check check, std::string found_nothing) const {
    check.status = at == 0 || not_at > 0 ? CheckStatus::kFlag : CheckStatus::kPass;
    check.detail = not_at > 0
                       ? std::format("{} of {} instances that answered could not be looked at.", not_at, at + not_at)
                   : at == 0 ? "No instance to look at."
                             : std::move(found_nothing);
    return check;
  }
};

using Cores = std::set<std::int64_t>;

/// "0-1,3" as the kernel writes it; nullopt when it is no such list.
std::optional<Cores> parse_cores(std::string_view text) {
  Cores cores;
  const auto take_number = [&](std::int64_t& value) {
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{} || value < 0 || value > 65'535) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
  };
  for (;;) {
    std::int64_t first = 0, last = 0;
    if (!take_number(first)) return std::nullopt;
    last = first;
    if (text.starts_with('-')) {
      text.remove_prefix(1);
      if (!take_number(last)) return std::nullopt;
    }
    for (std::int64_t core = first; core <= last; ++core) cores.insert(core);
    if (text.empty()) return cores;
    if (!text.starts_with(',')) return std::nullopt;
    text.remove_prefix(1);
  }
}

using Json = nlohmann::ordered_json;

/// A manifest may hold anything: a member where there is one, else null.
const Json& member(const Json& of, const char* key) {
  static const Json kNone;
  const auto found = of.is_object() ? of.find(key) : of.end();
  return found == of.end() ? kNone : *found;
}

/// What of an instance's limits is not as its device has it; "" when all that was read is.
std::string not_as_device(const Instance& instance, const Device& device) {
  const InstanceCounters& c = instance.counters;
  const auto ns = [](std::optional<Nanoseconds> time) {
    return time.transform([](Nanoseconds t) { return t.count(); });
  };
  const auto in_ms = [](std::optional<std::int64_t> time) {
    return time ? format_ms(static_cast<double>(*time) / 1e6) : std::string("none");
  };
  if (c.cpu_quota_ns != ns(device.quota) || c.cpu_period_ns != ns(device.period)) {
    return std::format("a CPU quota of {} in {}, where it has {} in {}", in_ms(c.cpu_quota_ns), in_ms(c.cpu_period_ns),
                       in_ms(ns(device.quota)), in_ms(ns(device.period)));
  }
  // The kernel rounds to pages.
  if (device.memory_bytes && std::abs(c.memory_limit_bytes.value_or(0) - *device.memory_bytes) > 65'536)
    return std::format("{} bytes of memory, where it has {}", c.memory_limit_bytes.value_or(0), *device.memory_bytes);
  const auto cores = instance.cores_allowed ? parse_cores(*instance.cores_allowed) : std::nullopt;
  if (device.cores && cores && static_cast<std::int64_t>(cores->size()) > *device.cores)
    return std::format("the cores {}, where it has {}", one_line(*instance.cores_allowed, 40), *device.cores);
  return "";
}

/// Which cores are for instances, as it was planned.
struct Plans {
  std::vector<Cores> cores;  // of the run as it was begun, and of each part that was resumed
  bool shared = false;       // in any of them with those who watch
  std::string unkept;        // the first thing that the kernel refused

  void add(const Json& part) {
    const Json& placement = member(member(part, "backend"), "placement");
    const Json& list = member(placement, "instances");
    const bool numbers = list.is_array() && !list.empty() && std::ranges::all_of(list, &Json::is_number_integer);
    if (numbers) cores.push_back(list.get<Cores>());
    shared |= member(placement, "shared") == true;
    const Json& refused = member(placement, "unkept");
    if (unkept.empty() && refused.is_array() && !refused.empty())
      unkept = refused.front().is_string() ? one_line(refused.front().get<std::string>()) : "?";
  }
};

Plans plans_of(const Json& manifest) {
  Plans plans;
  plans.add(manifest);
  for (const auto& part : member(manifest, "resumed")) plans.add(part);
  return plans;
}

/// What contradicts every plan; "" when one of them was kept.
std::string misplaced(const Instance& instance, const std::vector<Cores>& plans) {
  const auto allowed = parse_cores(*instance.cores_allowed);
  const auto last = instance.counters.last_core;
  for (const auto& plan : plans) {
    const bool inside = allowed && std::ranges::includes(plan, *allowed) && (!last || plan.contains(*last));
    if (inside) return "";
  }
  return std::format("{} was allowed on cores {}{}", one_line(instance.name, 40), one_line(*instance.cores_allowed, 40),
                     last ? std::format(" and ran last on {}", *last) : "");
}

}  // namespace

Check check_steal(const Surroundings& around) {
  Check check{.name = "steal"};
  if (!around.steal_share) return {check.name, CheckStatus::kFlag, "The machine's counters were not read."};
  const bool enough = *around.steal_ns >= kTwoTicks;
  if (enough && *around.steal_share > kStealThatFlags) check.status = CheckStatus::kFlag;
  if (enough && *around.steal_share > kStealThatFails) check.status = CheckStatus::kFail;
  check.detail = std::format("The hypervisor took {} of the CPU time asked for", percent(*around.steal_share));
  if (around.other_load_share) {
    const bool loaded = *around.other_load_share > kOtherLoadThatFlags && *around.other_ns >= kTwoTicks;
    if (loaded && check.status == CheckStatus::kPass) check.status = CheckStatus::kFlag;
    check.detail += std::format("; programs other than Lumos used {} of a core", percent(*around.other_load_share));
  }
  check.detail += '.';
  return check;
}

Check check_throttled(const CellRecords& records, const Surroundings& around) {
  Looked looked;
  std::size_t throttled = 0;
  std::int64_t sum_ns = 0, periods = 0, all_periods = 0;
  for (const Instance* instance : records.instances) {
    const InstanceCounters& c = instance->counters;
    looked.add(c.throttled_ns.has_value(), records.answered.contains(instance->id));
    throttled += c.throttled_ns.value_or(0) > 0 ? 1 : 0;
    sum_ns += c.throttled_ns.value_or(0);
    periods += c.throttled_periods.value_or(0);
    all_periods += c.cpu_periods.value_or(0);
  }
  const Device& device = records.deployment->device;
  if (throttled > 0 && !device.quota) {
    return {"throttled", CheckStatus::kFail,
            std::format("{} of {} instances were throttled, {} in all, and no factor limits their CPU.", throttled,
                        looked.at, format_ms(static_cast<double>(sum_ns) / 1e6))};
  }
  if (around.throttled_ns.value_or(0) > 0) {
    return {"throttled", CheckStatus::kFail,
            std::format("A control group around Lumos was throttled for {} during the visits.",
                        format_ms(static_cast<double>(*around.throttled_ns) / 1e6))};
  }
  if (throttled > 0) {
    return looked.verdict(
        {.name = "throttled"},
        std::format("{} of {} instances were throttled, {} in all, in {} of {} periods, as device {} has it.",
                    throttled, looked.at, format_ms(static_cast<double>(sum_ns) / 1e6), periods, all_periods,
                    device.name));
  }
  return looked.verdict({.name = "throttled"}, std::format("None of {} instances was throttled.", looked.at));
}

Check check_placement(const CellRecords& records, const nlohmann::ordered_json& manifest) {
  Check check{.name = "placement"};
  const Plans plans = plans_of(manifest);
  if (plans.cores.empty()) return {check.name, CheckStatus::kFlag, "The manifest has no placement plan."};
  Looked looked;
  std::size_t outside = 0;
  std::string first;
  for (const Instance* instance : records.instances) {
    looked.add(instance->cores_allowed.has_value(), records.answered.contains(instance->id));
    if (!instance->cores_allowed) continue;
    const std::string where = misplaced(*instance, plans.cores);
    if (where.empty()) continue;
    ++outside;
    if (first.empty()) first = where;
  }
  if (outside > 0) {
    return {
        check.name, CheckStatus::kFail,
        std::format("{} of {} instances were not kept on the cores of the plan, first {}.", outside, looked.at, first)};
  }
  if (plans.shared) {
    return {check.name, CheckStatus::kFlag, "There is one core only: instances share it with those who measure them."};
  }
  if (!plans.unkept.empty())
    return {check.name, CheckStatus::kFlag, std::format("The plan could not be kept: {}.", plans.unkept)};
  return looked.verdict(check, std::format("All {} instances were kept on the cores planned for them.", looked.at));
}

std::optional<Check> check_device(const CellRecords& records) {
  const Device& device = records.deployment->device;
  if (!device.emulated()) return std::nullopt;
  Check check{.name = "device_imposed"};
  Looked looked;
  std::size_t otherwise = 0;
  std::string first;
  for (const Instance* instance : records.instances) {
    const bool read = instance->counters.memory_limit_bytes.has_value();
    looked.add(read, records.answered.contains(instance->id));
    const std::string what = read ? not_as_device(*instance, device) : "";
    if (what.empty()) continue;
    ++otherwise;
    if (first.empty()) first = std::format("{} had {}", one_line(instance->name, 40), what);
  }
  if (otherwise > 0) {
    return Check{check.name, CheckStatus::kFail,
                 std::format("{} of {} instances were not limited as device {} is, first {}.", otherwise, looked.at,
                             device.name, first)};
  }
  return looked.verdict(check,
                        std::format("All {} instances had the limits of device {}, emulated.", looked.at, device.name));
}

std::optional<Check> check_neighbour(const CellRecords& records) {
  const auto neighbour = parse_neighbour(records.cell->factors.value("neighbour", "none"));
  if (!neighbour || neighbour->kind == NeighbourKind::kNone) return std::nullopt;
  Check check{.name = "neighbour"};
  std::int64_t elapsed = 0, done = 0;
  const bool cpu = neighbour->kind == NeighbourKind::kCpu;
  for (const auto& visit : records.visits) {
    const NeighbourUse& use = visit.visit->neighbour;
    elapsed += use.elapsed_ns.value_or(0);
    done += (cpu ? use.cpu_ns : use.bytes).value_or(0);
  }
  if (elapsed <= 0) return Check{check.name, CheckStatus::kFlag, "What the neighbour did was not read."};
  const double achieved = static_cast<double>(done) / static_cast<double>(elapsed) * (cpu ? 1 : 1e9);
  const double share = achieved / neighbour->amount;
  if (share < kNeighbourThatFlags || share > 2 - kNeighbourThatFlags) check.status = CheckStatus::kFlag;
  if (share < kNeighbourThatFails) check.status = CheckStatus::kFail;
  const auto amount = [&](double value) {
    return cpu ? percent(value) + " of a core" : format_bytes(static_cast<std::int64_t>(value)) + "/s";
  };
  check.detail =
      std::format("The neighbour took {}, where it should take {}.", amount(achieved), amount(neighbour->amount));
  return check;
}

Check check_same_image(const CellRecords& records) {
  Check check{.name = "same_image"};
  const Deployment& deployment = *records.deployment;
  const std::string image = one_line(deployment.image_digest, 19);
  if (!deployment.image_verified) {
    check.status = CheckStatus::kFlag;
    check.detail = std::format("The unpacked image {} was not looked at.", image);
  } else if (!*deployment.image_verified) {
    check.status = CheckStatus::kFail;
    check.detail = std::format("What instances executed is not what the build put into image {}.", image);
  } else {
    check.detail = std::format("What instances executed is what the build put into image {}.", image);
  }
  return check;
}

}  // namespace lumos
