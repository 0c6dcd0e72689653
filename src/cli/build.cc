#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/measure.h"
#include "control/build/node_footprint.h"
#include "control/experiment/local_run.h"
#include "control/runtime/registry.h"
#include "report/images_text.h"
#include "workload/function_catalogue.h"

namespace lumos {
namespace {

struct Options {
  std::filesystem::path experiment;
  bool json = false;
};

// What an experiment needs, or of every function what `build` makes unasked.
Expected<BuildResult> build_wanted(const Places& places, const Options& options) {
  if (!options.experiment.empty()) {
    PlannedRun planned = LUMOS_TRY(read_plan(places, options.experiment));
    return build_plan(places, planned.plan);
  }
  const FunctionCatalogue catalogue = LUMOS_TRY(FunctionCatalogue::load(places.functions()));
  return build_with_progress(places, default_artefacts(catalogue.names()));
}

VerbResult build(const Places& places, const Options& options) {
  const BuildResult built = LUMOS_TRY(build_wanted(places, options));
  std::vector<std::pair<std::string, std::vector<std::string>>> runtimes;
  for (const auto& driver : make_runtime_drivers({})) runtimes.emplace_back(driver->info().id, driver->packages());
  SystemCommandRunner runner;
  const auto nodes = LUMOS_TRY(node_footprints(runner, runtimes));
  if (options.json) {
    std::printf("%s", images_json(built, nodes).c_str());
    return 0;
  }
  const std::size_t images = built.artefacts.size();
  std::printf("%s\n%zu image%s, %s, in %s\nnext: ./lumos run %s\n", images_text(built, nodes).c_str(), images,
              images == 1 ? "" : "s", built.built ? "some made now" : "none of which had to be made",
              (places.home / "artefacts" / built.key).c_str(),
              options.experiment.empty() ? "experiments/smoke.yaml" : options.experiment.c_str());
  return 0;
}

}  // namespace

void add_build(CLI::App& app, const Places& places, VerbResult& result) {
  auto* verb = app.add_subcommand(
      "build",
      "Builds every function: native, Wasm, ahead-of-time Wasm, and an OCI image of each; shows what they weigh");
  auto options = std::make_shared<Options>();
  verb->add_option("--experiment", options->experiment,
                   "Only what this experiment needs, in its variants (base, isa, wasm_simd, aot_level)");
  verb->add_flag("--json", options->json, "Machine-readable (docs/images.md)");
  verb->callback([&places, &result, options] { result = build(places, *options); });
}

}  // namespace lumos
