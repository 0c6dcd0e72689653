#include "control/experiment/estimate.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/file.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

// On the machine of experiments/costs.tsv: from the order to launch to the removal, without the invocations.
Nanoseconds launch_of(const std::string& launcher, const std::string& engine) {
  if (launcher == "lumos") return 20ms;
  return launcher == "runc" || engine == "wasmedge" ? 100ms : 50ms;
}

// Filling and looking, by a process each.
constexpr Nanoseconds kStorage = 30ms;

}  // namespace

Expected<CostTable> CostTable::load(const std::filesystem::path& file) {
  return parse(LUMOS_TRY(read_file(file, 1 << 20)), file.string());
}

Expected<CostTable> CostTable::parse(std::string_view text, const std::string& file_name) {
  CostTable table;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string function;
    Entry e;
    if (!(words >> function >> e.payload >> e.native_ms >> e.aot_ms >> e.interpreted_ms) || e.payload <= 0)
      return fail(ErrorCode::kUsage, "{}:{}: expected FUNCTION PAYLOAD NATIVE AOT INTERPRETED", file_name, number);
    table.entries_[function].push_back(e);
  }
  return table;
}

Nanoseconds CostTable::of(const std::string& function, const nlohmann::ordered_json& payload,
                          const std::string& mode) const {
  const auto found = entries_.find(function);
  if (found == entries_.end() || !payload.is_number()) return 1ms;
  const double asked = std::max(1.0, payload.get<double>());
  const auto& nearest = *std::ranges::min_element(
      found->second, {}, [&](const Entry& e) { return std::abs(std::log(e.payload) - std::log(asked)); });
  const double ms = mode == "interpreted" ? nearest.interpreted_ms : mode == "aot" ? nearest.aot_ms : nearest.native_ms;
  return std::chrono::duration_cast<Nanoseconds>(
      std::chrono::duration<double, std::milli>(ms * asked / nearest.payload));
}

Nanoseconds TimeEstimate::total() const {
  Nanoseconds sum{0};
  for (const auto& [runtime, time] : by_runtime) sum += time;
  return sum;
}

TimeEstimate estimate(const Plan& plan, const CostTable& costs) {
  TimeEstimate result;
  for (const auto& cell : plan.cells) {
    const Deployment& d = plan.deployments.at(static_cast<std::size_t>(cell.deployment));
    const Nanoseconds one = costs.of(d.function, cell.factors.at("payload"), d.traits.value("mode", "native"));
    std::int64_t invocations = 1;
    if (cell.load) {
      invocations = 0;  // its window is as long as it is
    } else if (cell.start == Start::kWarm) {
      std::int64_t measured = plan.stop.invocations;
      // What begins before the visit is too long, the priming one counted.
      if (plan.stop.visit && one * measured > *plan.stop.visit)
        measured = std::max<std::int64_t>(1, std::min(measured, (*plan.stop.visit + one - 1ns) / one - 1));
      if (measured < plan.stop.invocations) result.shortened[cell.id] = measured;
      invocations = 1 + measured;
    }
    Nanoseconds visit = launch_of(d.traits.value("launcher", ""), d.traits.value("engine", "")) + one * invocations;
    if (cell.load) visit += cell.load->warmup + cell.load->duration;
    if (d.environment.storage != "inline") visit += kStorage;
    result.by_runtime[d.runtime] += visit * plan.stop.min;
  }
  return result;
}

}  // namespace lumos
