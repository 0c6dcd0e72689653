#include "cli/manifest.h"

#include <set>

#include "base/clock.h"
#include "control/environment/calibration_file.h"
#include "control/runtime/registry.h"
#include "telemetry/fingerprint.h"

namespace lumos {
namespace {

using nlohmann::ordered_json;

std::string first_word_of(CommandRunner& runner, const std::vector<std::string>& argv) {
  const auto result = runner.run({.argv = argv});
  if (!result || result->exit_code != 0) return "";
  return result->output.substr(0, result->output.find('\n'));
}

// The commit of the checkout, and whether anything in it differs.
ordered_json git_state(CommandRunner& runner, const Places& places) {
  const std::vector<std::string> git{"git", "-c", "safe.directory=*", "-C", places.repository.string()};
  auto head = git, status = git;
  head.insert(head.end(), {"rev-parse", "HEAD"});
  status.insert(status.end(), {"status", "--porcelain", "--untracked-files=no"});
  const std::string commit = first_word_of(runner, head);
  if (commit.empty()) return nullptr;
  return {{"commit", commit}, {"modified", !first_word_of(runner, status).empty()}};
}

// What of the platform the plan's runtimes and builds stand on.
ordered_json package_versions(CommandRunner& runner, const Plan& plan) {
  std::set<std::string> names{"rustc", "wasmedge", "umoci", "libc6"};
  for (const auto& [function, given] : plan.given) {
    if (!given.reference.empty()) names.insert("skopeo");
  }
  for (const auto& driver : make_runtime_drivers({})) {
    for (const auto& d : plan.deployments) {
      if (d.runtime != driver->info().id) continue;
      for (const auto& package : driver->packages()) names.insert(package);
    }
  }
  std::vector<std::string> argv{"dpkg-query", "-W", "-f", "${Package}=${Version}\n"};
  argv.insert(argv.end(), names.begin(), names.end());
  const auto result = runner.run({.argv = argv});
  ordered_json versions = ordered_json::object();
  if (!result) return versions;
  std::string_view text = result->output;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (const std::size_t at = line.find('='); at != std::string_view::npos) {
      versions[std::string(line.substr(0, at))] = std::string(line.substr(at + 1));
    }
  }
  return versions;
}

}  // namespace

ordered_json make_manifest(CommandRunner& runner, const Places& places, const Plan& plan) {
  ordered_json images = ordered_json::array();
  for (const auto& d : plan.deployments) {
    ordered_json image{{"function", d.function}, {"runtime", d.runtime}};
    image.update(factors_of(d.variant));
    image["digest"] = d.image_digest;
    if (const Given* given = plan.given_of(d.function); given != nullptr && !given->reference.empty())
      image["pulled"] = {{"reference", given->reference}, {"digest", given->digest}};
    images.push_back(std::move(image));
  }
  const auto machine = machine_fingerprint();
  const auto calibration = fresh_calibration(calibration_file(places.home, machine));
  return {{"schema", 1},
          {"lumos", LUMOS_VERSION},
          {"build_type", LUMOS_BUILD_TYPE},
          {"git", git_state(runner, places)},
          {"name", plan.name},
          {"seed", plan.seed},
          {"arguments", places.arguments},
          {"started_utc", utc_now()},
          {"machine", machine},
          {"calibration", calibration ? to_json(*calibration) : ordered_json(nullptr)},
          {"packages", package_versions(runner, plan)},
          {"images", images}};
}

ordered_json to_json(const MachineUse& use) {
  ordered_json json;
  for (const auto& [name, field] : kMachineUse)
    json[name] = use.*field ? ordered_json(*(use.*field)) : ordered_json(nullptr);
  return json;
}

}  // namespace lumos
