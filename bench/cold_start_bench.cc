// Cold starts through Lumos against the bare OCI commands on the same bundle. All variants take turns within each
// round.
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <map>

#include "base/channel.h"
#include "bench/cold_noop.h"
#include "bench/figures.h"
#include "bench/must.h"
#include "control/build/builder.h"
#include "control/experiment/local_run.h"
#include "control/runtime/oci_runtime.h"
#include "host/cgroup.h"
#include "host/network.h"
#include "host/placement.h"
#include "host/process.h"
#include "policy/placement.h"

using namespace lumos;
using bench::die;
using bench::must;
namespace fs = std::filesystem;

namespace {

constexpr int kRounds = 7, kColdPerRound = 8;

// --- the bare side: a process in namespaces of its own that starts a bundle with nothing but the OCI runtime's
// commands

struct BareOrder {
  bool crun = true;
  bool one_command = false;  // `run --detach` instead of create and start
};

int connect_to(std::uint32_t address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(8080);
  to.sin_addr.s_addr = htonl(address);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return fd;
  ::close(fd);
  return -1;
}

bool ask(int fd) {
  const std::string request =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  std::array<char, 4096> buffer{};
  return ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0 &&
         ::recv(fd, buffer.data(), buffer.size(), 0) > 12;
}

class Bare {
 public:
  explicit Bare(fs::path image) : image_(std::move(image)) {
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("proc", "/proc", "proc", 0, nullptr) != 0)
      std::abort();
    ::mkdir("/run/bare", 0700);
    if (::mount("tmpfs", "/run/bare", "tmpfs", 0, nullptr) != 0) std::abort();
    must(hide_unified(must(CgroupTree::find())));
    SystemCommandRunner runner;
    slot_ = must(make_network_slots(runner, 1))[0];
  }

  double measure_ms(const BareOrder& order) {
    const std::string name = std::format("bare-{}", ++count_);
    const fs::path folder = fs::path("/run/bare") / name;
    fs::create_directories(folder);
    const Fd log(::dup(STDERR_FILENO));
    const LaunchRequest request{.name = name,
                                .image = image_,
                                .folder = folder,
                                .argv = {"/function"},
                                .environment = {"PORT=8080", "LUMOS_INSTANCE=" + name, "PATH=/"},
                                .cgroup = "lumos/bench/" + name,
                                .network = slot_.path};
    must(mount_overlay(image_, folder, folder / "merged"));
    std::ofstream(folder / "config.json") << oci_config(request, folder / "merged", {}).dump();
    const std::string program = order.crun ? "/usr/bin/crun" : "/usr/bin/runc", root = "/run/bare/oci";
    const auto call = [&](std::vector<std::string> words) {
      words.insert(words.begin(), {program, "--root", root});
      if (must(run_program(words, log.get())).exit_code != 0) std::abort();
    };
    const std::int64_t begin = monotonic_ns();
    if (order.one_command) {
      call({"run", "--detach", "--bundle", folder.string(), "--pid-file", (folder / "pid").string(), name});
    } else {
      call({"create", "--bundle", folder.string(), "--pid-file", (folder / "pid").string(), name});
      call({"start", name});
    }
    int fd = -1;
    while ((fd = connect_to(slot_.address)) < 0) ::usleep(200);
    if (!ask(fd)) std::abort();
    const double elapsed_ms = static_cast<double>(monotonic_ns() - begin) / 1e6;
    ::close(fd);
    call({"delete", "--force", name});
    ::umount2((folder / "merged").c_str(), MNT_DETACH);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    return elapsed_ms;
  }

 private:
  fs::path image_;
  NetworkSlot slot_;
  int count_ = 0;
};

// --- Lumos's side

// What no phase of a cold start explains, and how long the start took.
struct Residual {
  double us = 0, of_ms = 0;
};

double cold_ms(Backend& backend, const Cell& cell, std::int64_t& id, std::vector<Residual>& residuals) {
  std::vector<double> times;
  for (int i = 0; i < kColdPerRound; ++i) {
    const Sample s = must(backend.invoke(cell, ++id));
    if (s.outcome != Outcome::kOk) die({ErrorCode::kMeasuredFailure, "a cold start failed"});
    // From the gateway's receipt on, as the bare side has no client and gateway before it.
    times.push_back(static_cast<double>(*s.stamps.responded - *s.stamps.create_begin) / 1e6);
    residuals.push_back({.us = static_cast<double>(phases_of(s)->residual_ns) / 1e3, .of_ms = times.back()});
    must(backend.retire(cell.deployment));
  }
  return bench::median(times);
}

void report(const std::map<std::string, std::vector<double>>& at) {
  for (const std::string runtime : {"runc", "crun"}) {
    bench::figure(runtime + " cold through Lumos", at.at(runtime), "ms", "");
    bench::figure(runtime + " cold, bare create and start", at.at("bare " + runtime), "ms", "");
    bench::figure(runtime + " cold, bare run --detach", at.at("bare run " + runtime), "ms", "");
    bench::figure(runtime + " through Lumos / bare create and start",
                  bench::ratios(at.at(runtime), at.at("bare " + runtime)), "×", "≤ 1.15 ×");
    bench::figure(runtime + " through Lumos / bare run --detach",
                  bench::ratios(at.at(runtime), at.at("bare run " + runtime)), "×",
                  "one command for two: what the boundary between create and start costs");
  }
  bench::figure("sandbox cold through Lumos", at.at("sandbox"), "ms", "");
  bench::figure("sandbox / crun, cold", bench::ratios(at.at("sandbox"), at.at("crun")), "×",
                "≤ 0.33 × on v2, as low as v1 allows");
}

void report(const std::vector<Residual>& residuals) {
  std::vector<double> us, share;
  std::size_t within = 0;
  for (const Residual& r : residuals) {
    us.push_back(r.us);
    share.push_back(r.us / (r.of_ms * 1e3) * 100);
    if (us.back() <= 50 || share.back() <= 2) ++within;
  }
  std::ranges::sort(us);
  std::ranges::sort(share);
  std::printf(
      "phase residual of %zu cold starts: median %.1f µs, p99 %.1f µs, p99 of its share of latency %.2f %%; "
      "within 2 %% or 50 µs: %zu (asked: 99 %%)\n",
      us.size(), bench::median(us), us[us.size() * 99 / 100], share[share.size() * 99 / 100], within);
}

}  // namespace

int main() {
  const auto [home, repository, functions] = bench::folders();
  SystemCommandRunner runner;
  const Plan plan = bench::cold_noop({"sandbox", "runc", "crun"});
  const auto built = must(build_functions(
      runner, {.functions = functions, .home = home, .wanted = must(artefacts_of(plan)), .progress = {}}));
  const auto cell = [&](const std::string& runtime) -> const Cell& {
    for (const auto& d : plan.deployments) {
      if (d.runtime == runtime) return plan.cells[static_cast<std::size_t>(d.id)];
    }
    std::abort();
  };

  auto [ours, theirs] = must(Channel::pair());
  const fs::path image =
      find_artefact(built.artefacts, {"noop", ArtefactKind::kNative, variant_of(ArtefactKind::kNative)})->root();
  const Placement placement = plan_placement(allowed_cores());
  const pid_t bare_pid =
      must(fork_process(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID, [&, &ours = ours, &theirs = theirs] {
        ours.close();
        must(bind_to_cores(placement.instances.cores));
        Bare bare(image);
        while (const auto order = theirs.receive<BareOrder>()) {
          if (!theirs.send(bare.measure_ms(**order))) break;
        }
        return 0;
      }));
  theirs.close();
  const auto bare = [&, &ours = ours](const BareOrder& order, int times) {
    std::vector<double> cold;
    for (int i = 0; i < times; ++i) {
      must(ours.send(order));
      cold.push_back(*must(ours.receive<double>()));
    }
    return bench::median(cold);
  };

  std::map<std::string, std::vector<double>> at;
  std::vector<Residual> residuals;
  {
    const auto backend = must(start_local_backend(plan, built.artefacts, {.home = home, .log = home / "bench.log"}));
    std::int64_t id = 0;
    for (int round = -1; round < kRounds; ++round) {  // round -1 warms the caches and is thrown away
      for (const std::string runtime : {"runc", "crun"}) {
        const bool crun = runtime == "crun";
        at[runtime].push_back(cold_ms(*backend, cell(runtime), id, residuals));
        at["bare " + runtime].push_back(bare({.crun = crun}, kColdPerRound));
        at["bare run " + runtime].push_back(bare({.crun = crun, .one_command = true}, kColdPerRound));
      }
      at["sandbox"].push_back(cold_ms(*backend, cell("sandbox"), id, residuals));
      std::fprintf(stderr, "round %d of %d\n", round + 1, kRounds);
    }
  }
  ours.close();
  ::waitpid(bare_pid, nullptr, 0);
  if (const auto tree = CgroupTree::find()) (void)remove_cgroup(*tree, "lumos/bench");
  for (auto& [name, rounds] : at) rounds.erase(rounds.begin());

  report(at);
  report(residuals);
  return 0;
}
