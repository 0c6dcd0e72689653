#include <CLI/CLI.hpp>

#include "cli/verb.h"

namespace lumos {

// For the list of verbs only: ./lumos answers `doctor` itself (platform/doctor.sh), before there is any program.
void add_doctor(CLI::App& app) {
  app.add_subcommand("doctor",
                     "What this machine can measure, what it lacks, what set-up will cost; answers before any set-up");
}

}  // namespace lumos
