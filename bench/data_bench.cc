// The path of the data: a warm `transfer` of 1 MB through Redis on every kind of code, and `noop` against a bare loop
// on std::net with the same parser. All take turns within each round.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>

#include "base/fd.h"
#include "bench/figures.h"
#include "bench/must.h"
#include "control/build/builder.h"
#include "control/build/inputs.h"
#include "control/build/storage_tools.h"
#include "control/contract/bad_requests.h"
#include "control/contract/direct_instances.h"
#include "control/environment/server_process.h"
#include "control/experiment/local_run.h"
#include "control/experiment/storage_surroundings.h"
#include "control/runtime/registry.h"
#include "host/placement.h"
#include "policy/placement.h"
#include "workload/expand.h"

using namespace lumos;
using bench::die;
using bench::must;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr int kRounds = 7, kTransfers = 20;
constexpr Nanoseconds kWindow = 500ms;

// One connection, kept; answers have a Content-Length.
class Client {
 public:
  explicit Client(InstanceAddress address) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{.sin_family = AF_INET,
                   .sin_port = htons(static_cast<std::uint16_t>(address.port)),
                   .sin_addr = {.s_addr = htonl(address.ip)}};
    for (int i = 0; i < 2000; ++i) {
      if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return;
      fd_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      ::usleep(5000);
    }
    die({ErrorCode::kEnvironment, "nothing listens"});
  }

  Nanoseconds ask(const std::string& request) {
    const std::int64_t begin = monotonic_ns();
    if (::send(fd_.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
      die({ErrorCode::kEnvironment, "the instance takes no request"});
    std::size_t size = 0, wanted = SIZE_MAX;
    while (size < wanted) {
      const ssize_t n = ::recv(fd_.get(), buffer_.data() + size, buffer_.size() - size, 0);
      if (n <= 0) die({ErrorCode::kEnvironment, "the instance ended"});
      size += static_cast<std::size_t>(n);
      const std::string_view text(buffer_.data(), size);
      const auto head = text.find("\r\n\r\n"), length = text.find("Content-Length: ");
      if (head != text.npos && length < head) wanted = head + 4 + std::strtoul(text.data() + length + 16, nullptr, 10);
    }
    if (!std::string_view(buffer_.data(), size).starts_with("HTTP/1.1 200"))
      die({ErrorCode::kMeasuredFailure, std::string(buffer_.data(), size)});
    return Nanoseconds(monotonic_ns() - begin);
  }

 private:
  Fd fd_;
  std::array<char, 16384> buffer_{};
};

std::string request_of(const Input& input) { return post_request(input.content_type, input.body); }

double requests_per_s(Client& client, const std::string& request) {
  const std::int64_t begin = monotonic_ns(), end = begin + kWindow.count();
  std::int64_t n = 0;
  for (; monotonic_ns() < end; ++n) client.ask(request);
  return static_cast<double>(n) * 1e9 / static_cast<double>(monotonic_ns() - begin);
}

double transfer_ms(Client& client, const std::string& request) {
  std::vector<double> times;
  for (int i = 0; i < kTransfers; ++i) times.push_back(static_cast<double>(client.ask(request).count()) / 1e6);
  return bench::median(times);
}

Plan make_plan(const fs::path& functions) {
  Experiment experiment{.name = "data", .start = {Start::kWarm}, .storage = {"redis"}};
  experiment.runtimes = {"crun", "wasm-aot", "wasm-interp"};
  experiment.format = {"json", "cbor", "protobuf"};
  experiment.functions = {{"transfer", {1024}}, {"noop", {nullptr}}};
  RuntimeTable table;
  for (const auto& runtime : known_runtimes())
    table[runtime.id] = {.columns = runtime.traits(), .artefact = runtime.artefact};
  return expand(experiment, must(FunctionCatalogue::load(functions)), table);
}

// The bare loop, as a static program.
fs::path build_bare(CommandRunner& runner, const fs::path& functions, const fs::path& home) {
  const fs::path target = home / "build" / "functions" / "native-baseline";
  must(run_checked(
      runner, {.argv = {"cargo", "build", "--release", "--locked", "--target", "x86_64-unknown-linux-gnu", "--package",
                        "sdk", "--example", "bare"},
               .folder = functions,
               .environment = {"CARGO_TARGET_DIR=" + target.string(), "CARGO_HOME=" + (home / "cargo").string(),
                               "RUSTFLAGS=-C target-feature=+crt-static -C target-cpu=x86-64-v2"}}));
  return target / "x86_64-unknown-linux-gnu" / "release" / "examples" / "bare";
}

void report(const std::map<std::string, std::vector<double>>& found) {
  for (const char* format : {"json", "cbor", "protobuf"}) {
    const auto of = [&](const char* runtime) { return found.at(std::format("transfer {} {}", runtime, format)); };
    for (const char* runtime : {"crun", "wasm-aot", "wasm-interp"})
      bench::figure(std::format("transfer 1 MiB through Redis, {}, {}", format, runtime), of(runtime), "ms", "");
    bench::figure(std::format("  wasm-aot over crun, {}", format), bench::ratios(of("wasm-aot"), of("crun")), "",
                  "≤ 2");
  }
  bench::figure("noop, one connection, bare loop on std::net", found.at("bare"), "k/s", "");
  bench::figure("noop, one connection, crun", found.at("noop crun json"), "k/s", "");
  bench::figure("  over the bare loop", bench::ratios(found.at("noop crun json"), found.at("bare")), "", "≥ 0.7");
  bench::figure("noop, one connection, wasm-interp", found.at("noop wasm-interp json"), "k/s",
                "≥ 10 where crun does ≥ 40");
  bench::figure("  over crun", bench::ratios(found.at("noop wasm-interp json"), found.at("noop crun json")), "",
                "≥ 0.25");
}

}  // namespace

int main() {
  const auto [home, repository, functions] = bench::folders();
  SystemCommandRunner runner;
  Plan plan = make_plan(functions);
  const auto wanted = must(artefacts_of(plan));
  must(make_inputs(runner, {.functions = functions, .home = home, .progress = {}}, plan));
  const StorageTools tools =
      must(make_storage_tools(runner, {.repository = repository, .home = home, .kinds = {"redis"}, .progress = {}}));
  const auto built =
      must(build_functions(runner, {.functions = functions, .home = home, .wanted = wanted, .progress = {}}));
  const fs::path bare_program = build_bare(runner, functions, home);

  const CgroupTree cgroups = must(CgroupTree::find());
  must(remove_leftovers(cgroups, home / "living"));
  RunMark mark = must(RunMark::claim(home / "living"));
  const Placement placement = plan_placement(allowed_cores());
  LauncherConfig config{
      .cgroups = cgroups, .cgroup = mark.cgroup(), .tag = mark.tag(), .cores = placement.instances.cores, .slots = 8};
  std::vector<Environment> environments;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Artefact* a = find_artefact(built.artefacts, wanted[i]);
    config.specs.push_back({.runtime = plan.deployments[i].runtime, .image = a->root(), .argv = a->argv()});
    environments.push_back(plan.deployments[i].environment);
  }
  auto surroundings = make_storage_surroundings(plan, std::move(environments),
                                                {.client = tools.client,
                                                 .logs = home,
                                                 .cores = placement.storage.cores,
                                                 .cgroups = cgroups,
                                                 .cgroup = mark.cgroup()});
  const std::string group = mark.cgroup();
  const auto instances = must(
      DirectInstances::start(std::move(config), home / "data_bench.log", std::move(mark), std::move(surroundings)));
  must(bind_to_cores(placement.generator.cores));
  for (const auto& cell : plan.cells) must(instances->surroundings()->fill_storage(cell));

  std::map<std::string, Client> clients;  // "transfer crun"
  for (const auto& d : plan.deployments)
    clients.emplace(d.function + " " + d.runtime, must(instances->launch(d.id)).address);
  const auto places = must(make_network_places(runner, {"bare"}, 1));
  const ServerSite site{.place = places[0],
                        .folder = "/",
                        .log = home / "data_bench.log",
                        .cores = placement.instances.cores,
                        .cgroups = cgroups,
                        .cgroup = group + "/s-bare"};
  const ServerProcess bare =
      must(ServerProcess::start(site, {.argv = {bare_program.string()}, .environment = {}, .input = "", .port = 8080}));
  clients.emplace("bare", InstanceAddress{places[0].address, 8080});

  std::map<std::string, std::vector<double>> found;
  for (int round = 0; round <= kRounds; ++round) {
    for (const auto& cell : plan.cells) {
      const Deployment& d = plan.deployments.at(static_cast<std::size_t>(cell.deployment));
      const Input& input = plan.input_of(cell);
      const std::string name = d.function + " " + d.runtime;
      if (d.function == "noop" && input.format != "json") continue;
      Client& client = clients.at(name);
      const double value = d.function == "noop" ? requests_per_s(client, request_of(input)) / 1000
                                                : transfer_ms(client, request_of(input));
      if (round > 0) found[name + " " + input.format].push_back(value);
    }
    const double rate = requests_per_s(clients.at("bare"), post_request("application/json", "{}")) / 1000;
    if (round > 0) found["bare"].push_back(rate);
  }

  report(found);
  return 0;
}
