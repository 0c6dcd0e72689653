#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "cli/verb.h"

namespace lumos {
namespace {

// The step that most often helps after an error of this kind.
const char* next_step(ErrorCode code) {
  switch (code) {
    case ErrorCode::kMeasuredFailure: return "./lumos results latest";
    case ErrorCode::kUsage: return "./lumos --help, or ./lumos VERB --help";
    case ErrorCode::kEnvironment: return "./lumos doctor";
    case ErrorCode::kInternal: return "please report this with the command and the run's manifest.json";
  }
  return "";
}

int report(const Error& error) {
  std::fprintf(stderr, "lumos: %s\nnext: %s\n", error.message.c_str(), next_step(error.code));
  return static_cast<int>(error.code);
}

int run(int argc, char** argv) {
  const auto found = find_places();
  if (!found) return report(found.error());
  Places places = *found;
  places.arguments.assign(argv + 1, argv + argc);

  CLI::App app("Container or WebAssembly, for this function, on this node, under this load?", "lumos");
  app.footer("First: ./lumos doctor, then ./lumos demo. All of it: README.md and docs/.\n"
             "Exit codes: 0 ok, 1 something measured failed, 2 usage, 3 the machine lacks something, 70 a defect of Lumos.");
  app.set_version_flag("--version", std::string("lumos ") + LUMOS_VERSION);
  app.require_subcommand(0, 1);
  VerbResult result = 0;
  add_doctor(app);
  add_demo(app, places, result);
  add_functions(app, places, result);
  add_build(app, places, result);
  add_run(app, places, result);
  add_results(app, places, result);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == 0;  // --help, --version
    app.exit(error, std::cout, std::cerr);
    return asked ? 0 : static_cast<int>(ErrorCode::kUsage);
  }
  if (app.get_subcommands().empty()) std::cout << app.help();
  return result ? *result : report(result.error());
}

}  // namespace
}  // namespace lumos

int main(int argc, char** argv) {
  try {
    return lumos::run(argc, argv);
  } catch (const std::exception& defect) {
    return lumos::report({lumos::ErrorCode::kInternal, defect.what()});
  }
}
