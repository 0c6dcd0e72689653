#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "base/suggest.h"
#include "cli/verb.h"

namespace lumos {
namespace {

// The step that most often helps after an error of this kind.
const char* next_step(ErrorCode code) {
  switch (code) {
    case ErrorCode::kMeasuredFailure:
      return "./lumos results latest";
    case ErrorCode::kUsage:
      return "./lumos --help, or ./lumos VERB --help";
    case ErrorCode::kEnvironment:
      return "./lumos doctor";
    case ErrorCode::kInternal:
      return "please report this with the command and the run's manifest.json";
  }
  return "";
}

int report(const Error& error, const std::string& next = "") {
  std::fprintf(stderr, "lumos: %s\nnext: %s\n", error.message.c_str(),
               next.empty() ? next_step(error.code) : next.c_str());
  return static_cast<int>(error.code);
}

// A command line that does not parse: the word that nobody knows and the nearest one, and whose --help to read.
int report_usage(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* verb = &app;
  std::string command = "./lumos";
  while (!verb->get_subcommands().empty()) {
    verb = verb->get_subcommands().front();
    command += " " + verb->get_name();
  }
  std::vector<std::string> verbs, options;
  for (const auto* sub : verb->get_subcommands({})) verbs.push_back(sub->get_name());
  for (const auto* option : verb->get_options()) {
    for (const auto& name : option->get_lnames()) options.push_back("--" + name);
  }
  std::string message = error.what();
  if (const auto unknown = app.remaining(true); !unknown.empty()) {
    const std::string& word = unknown.front();
    const bool option = word.starts_with("-");
    message = std::format("unknown {} '{}'{}",
                          option          ? "option"
                          : verbs.empty() ? "argument"
                                          : "verb",
                          word, suggestion(word, option ? options : verbs));
  }
  return report({ErrorCode::kUsage, message}, command + " --help");
}

int run(int argc, char** argv) {
  const auto found = find_places();
  if (!found) return report(found.error());
  Places places = *found;
  places.arguments.assign(argv + 1, argv + argc);

  CLI::App app("Container or WebAssembly, for this function, on this node, under this load?", "lumos");
  app.footer(
      "First: ./lumos doctor, then ./lumos demo. All of it: README.md and docs/.\n"
      "Exit codes: 0 ok, 1 something measured failed, 2 usage, 3 the machine lacks something, 70 a defect of Lumos, "
      "130 interrupted.");
  app.set_version_flag("--version", std::string("lumos ") + LUMOS_VERSION);
  app.require_subcommand(0, 1);
  VerbResult result = 0;
  add_doctor(app);
  add_demo(app, places, result);
  add_functions(app, places, result);
  add_build(app, places, result);
  add_run(app, places, result);
  add_up(app, places, result);
  add_load(app, result);
  add_calibrate(app, places, result);
  add_capacity(app, places, result);
  add_results(app, places, result);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return report_usage(app, error);
    return app.exit(error, std::cout, std::cerr);  // --help, --version
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
