// Instances made and removed, thousands of times: what Lumos's processes and the machine hold must not grow. Counts are
// taken between two cycles, when nothing is alive: any growth ends with exit code 1. Memory is shown.
//   ./dev bench cycles [--cycles=10000] [--leak=descriptors|groups|mounts]   (--leak: for tests, what a leak looks
//   like)
#include <fcntl.h>
#include <sys/mount.h>

#include <charconv>

#include "bench/census.h"
#include "bench/cold_noop.h"
#include "bench/must.h"
#include "control/build/builder.h"
#include "control/experiment/local_run.h"

using namespace lumos;
using bench::die;
using bench::must;
namespace fs = std::filesystem;

namespace {

// Of these the first is not counted: what is opened once is opened by then.
constexpr int kCountings = 11;

struct Options {
  std::int64_t cycles = 10'000;
  std::string leak;
};

Options parse(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word.starts_with("--leak=")) options.leak = word.substr(7);
    if (!word.starts_with("--cycles=")) continue;
    const auto [end, status] = std::from_chars(word.data() + 9, word.data() + word.size(), options.cycles);
    if (status != std::errc{} || *end != '\0' || options.cycles < kCountings)
      die({ErrorCode::kUsage, word + ": must be a number of at least 11"});
  }
  return options;
}

void leak(const std::string& what, const CgroupTree& tree, const std::string& group, std::int64_t cycle) {
  if (what == "descriptors") (void)::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (what == "groups") must(make_cgroup(tree, std::format("{}/leak{}", group, cycle)));
  if (what == "mounts") (void)::mount("none", "/mnt", "tmpfs", 0, "size=4k");
}

void cycle(Backend& backend, const Cell& cell, std::int64_t id) {
  const Sample s = must(backend.invoke(cell, id));
  if (s.outcome != Outcome::kOk)
    die({ErrorCode::kMeasuredFailure, std::format("cycle {}: {}", id, name_of(s.outcome))});
  must(backend.retire(cell.deployment));
}

// What differs between two censuses, one line each; the number of counts that grew.
int report(const bench::Census& first, const bench::Census& last, std::int64_t cycles) {
  int grown = 0;
  for (const auto& [name, before] : first) {
    const auto found = last.find(name);
    const std::int64_t after = found == last.end() ? 0 : found->second;
    const bool memory = name.ends_with(" bytes");
    if (!memory && after > before) ++grown;
    if (memory)
      std::printf("  %-28s %9lld → %9lld  %+.1f a cycle\n", name.c_str(), static_cast<long long>(before),
                  static_cast<long long>(after), static_cast<double>(after - before) / static_cast<double>(cycles));
    else if (after != before)
      std::printf("  %-28s %9lld → %9lld\n", name.c_str(), static_cast<long long>(before),
                  static_cast<long long>(after));
  }
  for (const auto& [name, after] : last) {
    if (first.contains(name) || name.ends_with(" bytes")) continue;
    std::printf("  %-28s %9s → %9lld\n", name.c_str(), "none", static_cast<long long>(after));
    ++grown;
  }
  return grown;
}

}  // namespace

int main(int count, char** words) {
  const auto [home, repository, functions] = bench::folders();
  const Options options = parse(count, words);
  SystemCommandRunner runner;
  const Plan plan = bench::cold_noop({"sandbox", "crun", "runc"});
  const auto built = must(build_functions(
      runner, {.functions = functions, .home = home, .wanted = must(artefacts_of(plan)), .progress = {}}));
  const auto tree = must(CgroupTree::find());
  const auto backend = must(start_local_backend(plan, built.artefacts, {.home = home, .log = home / "bench.log"}));
  const std::string group = "lumos/" + backend->describe()["tag"].get<std::string>();
  int grown = 0;
  std::int64_t id = 0;
  for (const Cell& cell : plan.cells) {
    const std::string& runtime = plan.deployments[static_cast<std::size_t>(cell.deployment)].runtime;
    // runc is several times slower, and takes the same path through Lumos as crun.
    const std::int64_t cycles =
        runtime == "runc" ? std::max<std::int64_t>(kCountings, options.cycles / 10) : options.cycles;
    bench::Census first, last;
    std::int64_t counted_from = 0;
    for (std::int64_t i = 1; i <= cycles; ++i) {
      cycle(*backend, cell, ++id);
      leak(options.leak, tree, group, id);
      if (i % (cycles / kCountings) != 0) continue;
      last = bench::take_census({"conductor", "launcher", "gateway", "generator"}, tree, group);
      if (first.empty()) {
        first = last;
        counted_from = i;
      }
      std::fprintf(stderr, "%s: %lld of %lld\n", runtime.c_str(), static_cast<long long>(i),
                   static_cast<long long>(cycles));
    }
    std::printf("%s: %lld cycles, growth since the %lldth:\n", runtime.c_str(), static_cast<long long>(cycles),
                static_cast<long long>(counted_from));
    const int here = report(first, last, cycles - counted_from);
    std::printf("  %d counts grew\n", here);
    grown += here;
  }
  return grown == 0 ? 0 : 1;
}
