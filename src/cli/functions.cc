#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/file.h"
#include "base/suggest.h"
#include "cli/functions_check.h"
#include "cli/functions_new.h"
#include "cli/functions_verify.h"
#include "workload/function_catalogue.h"

namespace lumos {
namespace {

VerbResult list(const Places& places, bool json) {
  const auto catalogue = LUMOS_TRY(FunctionCatalogue::load(places.functions()));
  if (json) {
    nlohmann::ordered_json functions = nlohmann::ordered_json::array();
    for (const auto& f : catalogue.functions())
      functions.push_back({{"name", f.name}, {"kind", f.kind}, {"description", f.description}});
    std::printf("%s\n", nlohmann::ordered_json{{"schema", 1}, {"functions", functions}}.dump(2).c_str());
    return 0;
  }
  for (const auto& f : catalogue.functions())
    std::printf("%-28s %-8s %s\n", f.name.c_str(), f.kind.c_str(), f.description.c_str());
  std::printf("%zu functions.\nnext: ./lumos functions show %s\n", catalogue.functions().size(),
              catalogue.names().front().c_str());
  return 0;
}

VerbResult show(const Places& places, const std::string& name, bool json) {
  const auto catalogue = LUMOS_TRY(FunctionCatalogue::load(places.functions()));
  if (catalogue.find(name) == nullptr) {
    return fail(ErrorCode::kUsage, "no function '{}'{}", name, suggestion(name, catalogue.names()));
  }
  const std::string description = LUMOS_TRY(read_file(places.functions() / name / "function.json"));
  if (json) {
    std::printf("%s", description.c_str());
    return 0;
  }
  std::printf("%s\n%s\nnext: ./lumos build\n", LUMOS_TRY(read_file(places.functions() / name / "README.md")).c_str(),
              description.c_str());
  return 0;
}

}  // namespace

void add_functions(CLI::App& app, const Places& places, VerbResult& result) {
  auto* verb = app.add_subcommand("functions", "The functions that can be measured");
  verb->require_subcommand(1);
  auto json = std::make_shared<bool>(false);
  auto* list_verb = verb->add_subcommand("list", "Name, kind and description of each");
  list_verb->add_flag("--json", *json, "Machine-readable");
  list_verb->callback([&places, &result, json] { result = list(places, *json); });
  auto* show_verb = verb->add_subcommand("show", "What a function does, its request, payloads and expected digests");
  auto name = std::make_shared<std::string>();
  show_verb->add_option("name", *name, "The function")->required();
  show_verb->add_flag("--json", *json, "Machine-readable: its function.json");
  auto* verify_verb = verb->add_subcommand(
      "verify", "Holds functions to their contract, on real runtimes and in every format (docs/functions.md)");
  auto request = std::make_shared<VerifyRequest>();
  verify_verb->add_option("name", request->functions, "The functions (default: all)");
  verify_verb->add_option("--runtimes", request->runtimes, "Only on these, such as crun,wasm-aot")->delimiter(',');
  verify_verb->add_option("--storage", request->storages, "Only with these, such as inline,redis")->delimiter(',');
  verify_verb->add_flag("--json", request->json, "Machine-readable (docs/functions.md)");
  verify_verb->callback([&places, &result, request] { result = verify_functions(places, *request); });
  auto* new_verb =
      verb->add_subcommand("new", "Makes a function of your own that builds for every runtime and keeps the contract");
  auto language = std::make_shared<std::string>("rust");
  new_verb->add_option("name", *name, "Its name, such as my-function: the folder functions/my-function is made")
      ->required();
  new_verb->add_option("--lang", *language, "rust or cpp")->capture_default_str();
  new_verb->callback([&places, &result, name, language] { result = new_function(places, *name, *language); });
  auto* check_verb = verb->add_subcommand(
      "check", "What likely stands in the way of WebAssembly: signs in sources, a binary or an image");
  auto what = std::make_shared<std::string>();
  check_verb
      ->add_option("what", *what,
                   "A folder of sources, a binary, a module, or an image as oci:DIR[:TAG] or docker://HOST/NAME[:TAG]")
      ->required();
  check_verb->add_flag("--json", *json, "Machine-readable (docs/functions.md)");
  check_verb->callback([&places, &result, what, json] { result = check_function(places, *what, *json); });
  show_verb->callback([&places, &result, name, json] { result = show(places, *name, *json); });
}

}  // namespace lumos
