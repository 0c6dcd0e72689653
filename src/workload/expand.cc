#include "workload/expand.h"

#include <ranges>

namespace lumos {
namespace {

using Json = nlohmann::ordered_json;

// A cell of the deployment without its identity; the order of the factors is that of every file and table.
Cell cell_of(const Function& function, const Json& payload, const Deployment& deployment, Start start,
             const std::string& storage, const std::string& format, std::int64_t concurrency) {
  Cell cell;
  cell.deployment = deployment.id;
  cell.factors = {{"function", function.name}, {"payload", payload}, {"runtime", deployment.runtime},
                  {"start", name_of(start)},   {"base", "scratch"},  {"isa", "baseline"},
                  {"storage", storage},        {"format", format},   {"concurrency", concurrency}};
  cell.start = start;
  cell.request = request_body(function, payload);
  cell.expected_digest = expected_digest(function, payload);
  return cell;
}

// The deployments of one function, one per runtime.
std::vector<Deployment> deployments_of(const std::string& function, const std::vector<std::string>& runtimes,
                                       const RuntimeTraits& traits, std::int64_t first_id) {
  std::vector<Deployment> deployments;
  for (const auto& runtime : runtimes) {
    Deployment deployment{.id = first_id++, .function = function, .runtime = runtime};
    if (const auto it = traits.find(runtime); it != traits.end()) deployment.traits = it->second;
    deployments.push_back(std::move(deployment));
  }
  return deployments;
}

}  // namespace

Plan expand(const Experiment& experiment, const FunctionCatalogue& catalogue, const RuntimeTraits& traits) {
  Plan plan{.name = experiment.name, .seed = experiment.seed, .stop = experiment.stop, .series = experiment.series};
  for (const auto& [name, payloads] : experiment.functions) {
    const Function* function = catalogue.find(name);
    LUMOS_CHECK(function != nullptr);
    const auto deployments =
        deployments_of(name, experiment.runtimes, traits, static_cast<std::int64_t>(plan.deployments.size()));
    const auto combinations = std::views::cartesian_product(payloads, deployments, experiment.start, experiment.storage,
                                                            experiment.format, experiment.concurrency);
    for (const auto& [payload, deployment, start, storage, format, concurrency] : combinations) {
      Cell cell = cell_of(*function, payload, deployment, start, storage, format, concurrency);
      cell.id = static_cast<std::int64_t>(plan.cells.size());
      plan.cells.push_back(std::move(cell));
    }
    plan.deployments.insert(plan.deployments.end(), deployments.begin(), deployments.end());
  }
  return plan;
}

}  // namespace lumos
