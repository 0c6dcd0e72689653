#include "control/runtime/oci_runtime.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <charconv>
#include <fstream>

#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "control/runtime/probe.h"
#include "host/process.h"

namespace lumos {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// What containerd mounts into every container, and the volume.
json mounts_of(const LaunchRequest& request) {
  const auto mount = [](const char* at, const char* type, std::vector<std::string> options) {
    return json{{"destination", at}, {"type", type}, {"source", type}, {"options", options}};
  };
  json mounts{mount("/proc", "proc", {"nosuid", "noexec", "nodev"}),
              mount("/dev", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
              mount("/dev/pts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}),
              mount("/dev/shm", "tmpfs", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
              mount("/dev/mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
              mount("/sys", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
              mount("/run", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"})};
  if (!request.volume.empty()) {
    mounts.push_back({{"destination", kVolume},
                      {"type", "bind"},
                      {"source", request.volume.string()},
                      {"options", {"bind", "rw", "nosuid", "noexec", "nodev"}}});
  }
  return mounts;
}

class OciDriver final : public RuntimeDriver {
 public:
  OciDriver(RuntimeInfo info, std::map<std::string, std::string> annotations, std::vector<std::string> packages,
            CgroupTree tree)
      : info_(std::move(info)),
        annotations_(std::move(annotations)),
        packages_(std::move(packages)),
        tree_(std::move(tree)) {}

  const RuntimeInfo& info() const override { return info_; }
  std::vector<std::string> packages() const override { return packages_; }

  Expected<Launched> launch(const LaunchRequest& request) override {
    const Nanoseconds cpu_before = process_cpu();
    Launched launched{.create_begin = monotonic_ns()};
    auto result = create_and_start(request, launched);
    if (!result) {
      (void)remove(request);
      return std::unexpected(result.error());
    }
    launched.cpu_ns += (process_cpu() - cpu_before).count();
    return launched;
  }

  Expected<> remove(const LaunchRequest& request) override {
    const auto end =
        run_program({info_.program, "--root", state_folder(request), "delete", "--force", request.name}, request.log);
    fault_point("oci.deleted");
    ::umount2((request.folder / "merged").c_str(), MNT_DETACH);
    LUMOS_TRY(remove_cgroup(tree_, request.cgroup));
    remove_hidden(tree_, request.cgroup);
    if (!end) return std::unexpected(end.error());
    return {};
  }

 private:
  // The runtime's state, on the launcher's tmpfs: it goes with the launcher.
  static std::string state_folder(const LaunchRequest& request) {
    return (request.folder.parent_path() / "oci").string();
  }

  Expected<> create_and_start(const LaunchRequest& request, Launched& launched) {
    const fs::path merged = request.folder / "merged", pid_file = request.folder / "pid";
    LUMOS_TRY(mount_overlay(request.image, request.folder, merged));
    fault_point("oci.mounted");
    std::ofstream(request.folder / "config.json") << oci_config(request, merged, annotations_).dump();
    launched.steps.push_back(
        {.step = Step::kBundle, .begin_ns = launched.create_begin, .end_ns = monotonic_ns(), .cpu_ns = std::nullopt});
    std::vector<std::string> environment;
    if (!request.probe.empty()) environment = probe_environment(request.probe, request.probe_page());
    launched.cpu_ns += LUMOS_TRY(step({info_.program, "--root", state_folder(request), "create", "--bundle",
                                       request.folder.string(), "--pid-file", pid_file.string(), request.name},
                                      request, environment, request.streams));
    launched.create_end = monotonic_ns();
    fault_point("oci.created");
    const std::string pid = LUMOS_TRY(read_file(pid_file));
    std::from_chars(pid.data(), pid.data() + pid.size(), launched.pid);
    launched.start_begin = monotonic_ns();
    launched.cpu_ns +=
        LUMOS_TRY(step({info_.program, "--root", state_folder(request), "start", request.name}, request));
    launched.start_end = monotonic_ns();
    fault_point("oci.started");
    return {};
  }

  // CPU time of one call of the runtime, ns.
  Expected<std::int64_t> step(const std::vector<std::string>& argv, const LaunchRequest& request,
                              const std::vector<std::string>& environment = {}, const Streams& streams = {}) {
    const ProgramEnd end = LUMOS_TRY(run_program(argv, request.log, environment, streams));
    if (end.exit_code != 0)
      return fail(ErrorCode::kEnvironment, "{} {} ended with {}", info_.program, argv[3], end.exit_code);
    return end.cpu.count();
  }

  RuntimeInfo info_;
  std::map<std::string, std::string> annotations_;
  std::vector<std::string> packages_;
  CgroupTree tree_;
};

}  // namespace

json oci_config(const LaunchRequest& request, const fs::path& merged,
                const std::map<std::string, std::string>& annotations) {
  const json none = json::array();
  json resources = oci_resources(request.limits.group);
  resources["devices"] = json::array({{{"allow", false}, {"access", "rwm"}}});
  json namespaces = json::array({{{"type", "network"}, {"path", request.network}}});
  for (const char* type : {"pid", "ipc", "uts", "mount", "cgroup"}) namespaces.push_back({{"type", type}});
  return {
      {"ociVersion", "1.0.2"},
      {"hostname", request.name},
      {"root", {{"path", merged.string()}, {"readonly", false}}},
      {"mounts", mounts_of(request)},
      {"annotations", annotations},
      {"process",
       {{"terminal", false},
        {"user", {{"uid", request.uid}, {"gid", request.gid}}},
        {"args", request.argv},
        {"env", request.environment},
        {"cwd", request.working_folder},
        {"noNewPrivileges", true},
        {"rlimits",
         {{{"type", "RLIMIT_FSIZE"}, {"hard", request.limits.file_bytes}, {"soft", request.limits.file_bytes}}}},
        {"capabilities",
         {{"bounding", none}, {"effective", none}, {"inheritable", none}, {"permitted", none}, {"ambient", none}}}}},
      {"linux",
       {{"cgroupsPath", "/" + request.cgroup},
        {"namespaces", namespaces},
        {"resources", resources},
        {"seccomp", seccomp_profile()},
        {"maskedPaths", kMaskedPaths},
        {"readonlyPaths", kReadOnlyPaths}}}};
}

std::unique_ptr<RuntimeDriver> make_oci_driver(RuntimeInfo info, std::map<std::string, std::string> annotations,
                                               std::vector<std::string> packages, const CgroupTree& tree) {
  return std::make_unique<OciDriver>(std::move(info), std::move(annotations), std::move(packages), tree);
}

}  // namespace lumos
