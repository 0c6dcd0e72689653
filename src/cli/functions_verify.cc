#include "cli/functions_verify.h"

#include <algorithm>
#include <cstdio>

#include "base/suggest.h"
#include "cli/measure.h"
#include "cli/progress.h"
#include "control/contract/verify.h"
#include "control/experiment/local_run.h"
#include "control/experiment/storage_surroundings.h"
#include "control/runtime/registry.h"
#include "host/placement.h"
#include "policy/placement.h"
#include "workload/expand.h"

namespace lumos {
namespace {

using Json = nlohmann::ordered_json;

// Every word is a known one, or all are taken.
Expected<std::vector<std::string>> chosen(const std::vector<std::string>& words, const std::vector<std::string>& known,
                                          const char* noun) {
  for (const auto& word : words) {
    if (!std::ranges::contains(known, word))
      return fail(ErrorCode::kUsage, "no {} '{}'{}", noun, word, suggestion(word, known));
  }
  return words.empty() ? known : words;
}

// Each function's small payload, on each runtime, with each storage, in each format.
Expected<Plan> plan_of(const FunctionCatalogue& catalogue, const VerifyRequest& request) {
  Experiment experiment{.name = "verify", .start = {Start::kWarm}};
  experiment.format.assign(std::begin(kFormats), std::end(kFormats));
  experiment.storage = LUMOS_TRY(chosen(request.storages, {"inline", "local", "redis", "s3"}, "storage"));
  experiment.connection = {"kept", "fresh"};
  RuntimeTable table;
  std::vector<std::string> runtimes;
  for (const auto& runtime : known_runtimes()) {
    runtimes.push_back(runtime.id);
    table[runtime.id] = {.columns = runtime.traits(), .artefact = runtime.artefact};
  }
  experiment.runtimes = LUMOS_TRY(chosen(request.runtimes, runtimes, "runtime"));
  const auto names = LUMOS_TRY(chosen(request.functions, catalogue.names(), "function"));
  for (const auto& name : names) {
    const Function& function = *catalogue.find(name);
    const Json payload =
        function.payload && function.small.is_null() ? Json(function.payload->default_value) : function.small;
    experiment.functions.push_back({name, {payload}});
  }
  return expand(experiment, catalogue, table);
}

Expected<std::unique_ptr<DirectInstances>> start_instances(const Places& places, const Plan& plan,
                                                           const std::vector<Artefact>& artefacts,
                                                           const StorageTools& tools) {
  const CgroupTree cgroups = LUMOS_TRY(CgroupTree::find());
  LUMOS_TRY(remove_leftovers(cgroups, places.home / "living"));
  RunMark mark = LUMOS_TRY(RunMark::claim(places.home / "living"));
  LauncherConfig config{.cgroups = cgroups,
                        .cgroup = mark.cgroup(),
                        .tag = mark.tag(),
                        .cores = plan_placement(allowed_cores()).instances.cores};
  const auto ids = LUMOS_TRY(artefacts_of(plan));  // in the order of the deployments
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Artefact* a = find_artefact(artefacts, ids[i]);
    LUMOS_CHECK(a != nullptr);
    config.specs.push_back({.runtime = plan.deployments[i].runtime, .image = a->root(), .argv = a->argv()});
  }
  std::vector<Environment> environments;
  for (const auto& d : plan.deployments) environments.push_back(d.environment);
  auto surroundings = make_storage_surroundings(plan, std::move(environments),
                                                {.client = tools.client,
                                                 .s3_server = tools.s3_server,
                                                 .logs = places.home,
                                                 .cores = plan_placement(allowed_cores()).storage.cores,
                                                 .cgroups = cgroups,
                                                 .cgroup = mark.cgroup()});
  return DirectInstances::start(std::move(config), places.home / "verify.log", std::move(mark),
                                std::move(surroundings));
}

void print_json(const std::vector<VerifiedDeployment>& found) {
  Json list = Json::array();
  for (const auto& d : found) {
    Json lines = Json::array();
    for (const auto& v : d.verdicts) {
      lines.push_back(
          {{"line", v.line}, {"kept", v.broken.empty()}, {"detail", v.broken.empty() ? Json() : Json(v.broken)}});
    }
    Json entry{{"function", d.function}, {"runtime", d.runtime}};
    Json around = factors_of(d.environment);
    entry.update(Json{{"storage", around["storage"]}, {"connection", around["connection"]}});
    entry.update(Json{{"kept", d.kept()}, {"lines", lines}});
    list.push_back(std::move(entry));
  }
  const Json document{{"schema", 1}, {"verified", list}};
  std::printf("%s\n", document.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

void print_text(const std::vector<VerifiedDeployment>& found) {
  std::string function;
  for (const auto& d : found) {
    if (d.function != function) std::printf("%s%s\n", function.empty() ? "" : "\n", d.function.c_str());
    function = d.function;
    const std::string storage = d.environment.storage + (d.environment.connection == "fresh" ? " fresh" : "");
    std::printf("  %-12s %-12s %s\n", d.runtime.c_str(), storage.c_str(), d.kept() ? "kept" : "BROKEN");
    for (const auto& v : d.verdicts) {
      if (!v.broken.empty()) std::printf("    %s: %s\n", v.line.c_str(), v.broken.c_str());
    }
  }
  const auto broken = std::ranges::count_if(found, [](const auto& d) { return !d.kept(); });
  if (broken == 0) {
    std::printf(
        "\n%zu functions on runtimes and storages keep all %zu lines of the contract, in every format that they read.\n"
        "next: ./lumos run experiments/smoke.yaml\n",
        found.size(), contract_lines().size());
  } else {
    std::printf(
        "\n%td of %zu functions on runtimes and storages break the contract.\nnext: docs/functions.md says what each "
        "line asks\n",
        broken, found.size());
  }
}

}  // namespace

VerbResult verify_functions(const Places& places, const VerifyRequest& request) {
  const auto catalogue = LUMOS_TRY(FunctionCatalogue::load(places.functions()));
  Plan plan = LUMOS_TRY(plan_of(catalogue, request));
  LUMOS_TRY(make_inputs_with_progress(places, plan));
  const auto wanted = LUMOS_TRY(artefacts_of(plan));
  const BuildResult built = LUMOS_TRY(build_with_progress(places, wanted));
  const StorageTools tools = LUMOS_TRY(make_storage_tools_with_progress(places, plan));
  const auto instances = LUMOS_TRY(start_instances(places, plan, built.artefacts, tools));
  std::vector<VerifiedDeployment> found;
  {
    ProgressLine line;
    found = LUMOS_TRY(verify_deployments(
        plan, *instances, [&](const std::string& name) { return catalogue.find(name)->stored; },
        [&](const std::string& what) { line.show("verifying " + what); }));
  }
  if (request.json)
    print_json(found);
  else
    print_text(found);
  const bool kept = std::ranges::all_of(found, &VerifiedDeployment::kept);
  return kept ? 0 : static_cast<int>(ErrorCode::kMeasuredFailure);
}

}  // namespace lumos
