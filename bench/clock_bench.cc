// What a function's own clocks cost it: one reading of the clock of its spans (wall time), and of its CPU time,
// natively, AoT-compiled and interpreted. A call by key reads the first about 20 times, the second twice.
#include <filesystem>
#include <map>
#include <sstream>

#include "base/subprocess.h"
#include "bench/figures.h"
#include "bench/must.h"

using namespace lumos;
using bench::must;
namespace fs = std::filesystem;

namespace {

constexpr int kRounds = 7;
constexpr const char* kNative = "x86_64-unknown-linux-gnu";
constexpr const char* kWasm = "wasm32-wasip1";

fs::path build(CommandRunner& runner, const fs::path& functions, const fs::path& home, const std::string& target) {
  const fs::path folder = home / "build" / "clock";
  const std::string flags =
      target == kNative ? "RUSTFLAGS=-C target-feature=+crt-static" : "RUSTFLAGS=-C linker=wasm-ld-19";
  must(run_checked(runner, {.argv = {"cargo", "build", "--release", "--locked", "--target", target, "--package", "sdk",
                                     "--example", "clock"},
                            .folder = functions,
                            .environment = {"CARGO_TARGET_DIR=" + folder.string(),
                                            "CARGO_HOME=" + (home / "cargo").string(), flags}}));
  return folder / target / "release" / "examples" / (target == kNative ? "clock" : "clock.wasm");
}

}  // namespace

int main() {
  const auto [home, repository, functions] = bench::folders();
  SystemCommandRunner runner;
  const fs::path native = build(runner, functions, home, kNative), module = build(runner, functions, home, kWasm);
  const fs::path compiled = module.string() + ".so";
  must(run_checked(runner, {.argv = {"wasmedge", "compile", module.string(), compiled.string()}}));

  const std::vector<std::pair<std::string, std::vector<std::string>>> kinds{
      {"native", {native.string()}},
      {"AoT-compiled", {"wasmedge", compiled.string()}},
      {"interpreted", {"wasmedge", "--force-interpreter", module.string()}}};
  std::map<std::string, std::vector<double>> wall, cpu;
  for (int round = 0; round < kRounds; ++round) {
    for (const auto& [kind, argv] : kinds) {
      const CommandResult said = must(run_checked(runner, {.argv = argv}));
      double wall_ns = 0, cpu_ns = 0;
      std::istringstream(said.output) >> wall_ns >> cpu_ns;
      wall[kind].push_back(wall_ns);
      cpu[kind].push_back(cpu_ns);
    }
  }
  for (const auto& [kind, argv] : kinds) {
    bench::figure(kind + ": reading the clock of spans", wall[kind], "ns", "");
    bench::figure(kind + ": reading the CPU time", cpu[kind], "ns", "");
  }
  return 0;
}
