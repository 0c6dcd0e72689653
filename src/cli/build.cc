#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/units.h"
#include "cli/measure.h"

namespace lumos {
namespace {

VerbResult build(const Places& places, bool json) {
  const auto artefacts = LUMOS_TRY(build_with_progress(places));
  if (json) {
    std::printf("%s\n", to_json(artefacts).dump(2).c_str());
    return 0;
  }
  std::printf("%-28s %-8s %12s %12s  %s\n", "function", "artefact", "bytes", "image bytes", "image digest");
  for (const auto& a : artefacts) {
    std::printf("%-28s %-8s %12lld %12lld  %.19s…\n", a.function.c_str(), std::string(name_of(a.kind)).c_str(),
                static_cast<long long>(a.bytes), static_cast<long long>(a.image_bytes), a.digest.c_str());
  }
  std::printf("%zu artefacts and their images are in %s\nnext: ./lumos run experiments/smoke.yaml\n", artefacts.size(),
              artefacts.empty() ? "-" : artefacts.front().file.parent_path().c_str());
  return 0;
}

}  // namespace

void add_build(CLI::App& app, const Places& places, VerbResult& result) {
  auto* verb = app.add_subcommand("build", "Builds every function: native, Wasm, ahead-of-time Wasm, and an OCI image of each");
  auto json = std::make_shared<bool>(false);
  verb->add_flag("--json", *json, "Machine-readable");
  verb->callback([&places, &result, json] { result = build(places, *json); });
}

}  // namespace lumos
