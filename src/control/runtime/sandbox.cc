#include "control/runtime/sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "base/fault.h"
#include "host/process.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

// What the child was doing when it failed, sent through a pipe that a successful exec closes.
struct Failure {
  int error = 0;
  std::array<char, 60> step{};
};

// When the child was where: in memory that it shares with the launcher. 0 = not yet.
struct Stamps {
  std::int64_t begun = 0, entered = 0, in_root = 0;
};

struct Unmap {
  void operator()(Stamps* stamps) const { ::munmap(stamps, sizeof *stamps); }
};
using SharedStamps = std::unique_ptr<Stamps, Unmap>;

Expected<SharedStamps> make_shared_stamps() {
  void* at = ::mmap(nullptr, sizeof(Stamps), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return fail_errno("shared memory");
  return SharedStamps(::new (at) Stamps);
}

// The child's side: from clone to exec. Only system calls; every failure goes to `report`.
class Child {
 public:
  Child(const LaunchRequest& request, const CgroupEntry& cgroup, std::vector<sock_filter>& filter, int network,
        int report, Stamps& stamps)
      : request_(request), cgroup_(cgroup), filter_(filter), network_(network), report_(report), stamps_(stamps) {}

  [[noreturn]] void run() {
    stamps_.begun = monotonic_ns();
    enter_cgroup();
    stamps_.entered = monotonic_ns();
    must("network namespace", ::setns(network_, CLONE_NEWNET) == 0);
    must("cgroup namespace", ::unshare(CLONE_NEWCGROUP) == 0);
    change_root();
    must("hostname", ::sethostname(request_.name.data(), request_.name.size()) == 0);
    stamps_.in_root = monotonic_ns();
    drop_privileges();
    redirect_and_exec();
  }

 private:
  void must(const char* step, bool done) {
    if (done) return;
    Failure failure{.error = errno};
    std::strncpy(failure.step.data(), step, failure.step.size() - 1);
    (void)!::write(report_, &failure, sizeof failure);
    ::_exit(127);
  }

  // On v2 clone3 did it. On v1 one write per hierarchy; the first after a pause waits for a kernel grace period of 4 to
  // 8 ms.
  void enter_cgroup() {
    if (cgroup_.folder) return;
    for (const auto& procs : cgroup_.procs) must("cgroup.procs", ::write(procs.get(), "0", 1) == 1);
  }

  void change_root() {
    must("private mounts", ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
    const fs::path merged = request_.folder / "merged";
    must("overlay", mount_overlay(request_.image, request_.folder, merged).has_value());
    must("chdir", ::chdir(merged.c_str()) == 0);
    for (const char* folder : {"proc", "dev"}) must(folder, ::mkdir(folder, 0755) == 0 || is_folder(folder));
    must("proc", ::mount("proc", "proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, nullptr) == 0);
    must("dev", ::mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k") == 0);
    make_devices();
    if (!request_.volume.empty()) mount_volume();
    protect_proc();
    must("pivot_root", ::syscall(SYS_pivot_root, ".", ".") == 0);
    must("old root", ::umount2(".", MNT_DETACH) == 0);
    must("chdir /", ::chdir("/") == 0);
  }

  // Not a link of the image's to one of the host's.
  static bool is_folder(const char* path) {
    struct stat status{};
    if (::lstat(path, &status) != 0) return false;
    errno = ENOTDIR;
    return S_ISDIR(status.st_mode);
  }

  // Those that the OCI specification gives to every container.
  void make_devices() {
    struct Device {
      const char* path;
      unsigned minor;
    };
    for (const auto& [path, minor] : {Device{"dev/null", 3}, Device{"dev/zero", 5}, Device{"dev/full", 7},
                                      Device{"dev/random", 8}, Device{"dev/urandom", 9}}) {
      must(path, ::mknod(path, S_IFCHR | 0666, makedev(1, minor)) == 0);
    }
  }

  void mount_volume() {
    const char* at = kVolume + 1;
    must(kVolume, ::mkdir(at, 0755) == 0 || is_folder(at));
    must(kVolume, ::mount(request_.volume.c_str(), at, nullptr, MS_BIND, nullptr) == 0);
    const unsigned long flags = MS_BIND | MS_REMOUNT | MS_NOSUID | MS_NOEXEC | MS_NODEV;
    must(kVolume, ::mount(nullptr, at, nullptr, flags, nullptr) == 0);
  }

  // In the new root, before it is the root: relative paths.
  void protect_proc() {
    for (const char* path : kMaskedPaths) {
      must(path, ::mount("dev/null", path + 1, nullptr, MS_BIND, nullptr) == 0 || errno == ENOENT || errno == ENOTDIR);
    }
    for (const char* path : kReadOnlyPaths) {
      const bool there = ::mount(path + 1, path + 1, nullptr, MS_BIND | MS_REC, nullptr) == 0;
      must(path, there || errno == ENOENT);
      const unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC | MS_NODEV;
      must(path, !there || ::mount(nullptr, path + 1, nullptr, flags, nullptr) == 0);
    }
  }

  void drop_privileges() {
    const rlimit file_size{static_cast<rlim_t>(request_.limits.file_bytes),
                           static_cast<rlim_t>(request_.limits.file_bytes)};
    must("file size limit", ::setrlimit(RLIMIT_FSIZE, &file_size) == 0);
    must("no new privileges", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
      must("bounding set", ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0);
    }
    const cap_t none = ::cap_init();
    const bool somebody = request_.uid != 0 || request_.gid != 0;
    must("group", !somebody || (::setgroups(0, nullptr) == 0 && ::setgid(request_.gid) == 0));
    must("user", request_.uid == 0 || ::setuid(request_.uid) == 0);
    must("capabilities", none != nullptr && ::cap_set_proc(none) == 0);
  }

  [[noreturn]] void redirect_and_exec() {
    must("input", ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), 0) == 0);
    must("output", ::dup2(request_.log, 1) == 1 && ::dup2(request_.log, 2) == 2);
    sigset_t nothing;
    sigemptyset(&nothing);
    ::sigprocmask(SIG_SETMASK, &nothing, nullptr);
    std::vector<char*> argv, environment;
    for (const auto& word : request_.argv) argv.push_back(const_cast<char*>(word.c_str()));
    for (const auto& word : request_.environment) environment.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    environment.push_back(nullptr);
    const auto candidates = programs();
    std::vector<const char*> paths;
    for (const auto& path : candidates) paths.push_back(path.c_str());
    must("working folder", ::chdir(request_.working_folder.c_str()) == 0);
    const sock_fprog program{static_cast<unsigned short>(filter_.size()), filter_.data()};
    must("seccomp", ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0);
    for (const char* path : paths) ::execve(path, argv.data(), environment.data());
    must(argv[0], false);
    ::_exit(127);
  }

  // Where the program may be: a name without a slash is looked up in the instance's own PATH.
  std::vector<std::string> programs() const {
    const std::string& name = request_.argv[0];
    if (name.contains('/')) return {name};
    std::vector<std::string> paths;
    for (const std::string_view entry : request_.environment) {
      if (!entry.starts_with("PATH=")) continue;
      for (std::string_view left = entry.substr(5); !left.empty();) {
        const std::string_view folder = left.substr(0, left.find(':'));
        paths.push_back(std::string(folder) + "/" + name);
        left.remove_prefix(std::min(folder.size() + 1, left.size()));
      }
    }
    return paths;
  }

  const LaunchRequest& request_;
  const CgroupEntry& cgroup_;
  std::vector<sock_filter>& filter_;
  int network_, report_;
  Stamps& stamps_;
};

class SandboxDriver final : public RuntimeDriver {
 public:
  explicit SandboxDriver(CgroupTree tree) : tree_(std::move(tree)) {}

  const RuntimeInfo& info() const override { return info_; }
  std::vector<std::string> packages() const override { return {}; }

  Expected<Launched> launch(const LaunchRequest& request) override {
    const Nanoseconds cpu_before = process_cpu();
    Launched launched{.create_begin = monotonic_ns()};
    auto pid = create(request);
    if (!pid) {
      (void)remove(request);
      return std::unexpected(pid.error());
    }
    launched.pid = *pid;
    launched.create_end = monotonic_ns();
    const auto add = [&](Step step, std::int64_t begin, std::int64_t end) {
      if (end > 0) launched.steps.push_back({.step = step, .begin_ns = begin, .end_ns = end, .cpu_ns = std::nullopt});
    };
    add(Step::kGroup, launched.create_begin, group_made_);
    add(Step::kEnterGroup, stamps_->begun, stamps_->entered);
    add(Step::kRoot, stamps_->entered, stamps_->in_root);
    launched.cpu_ns = (process_cpu() - cpu_before).count();
    return launched;
  }

  Expected<> remove(const LaunchRequest& request) override { return remove_cgroup(tree_, request.cgroup); }

 private:
  Expected<pid_t> create(const LaunchRequest& request) {
    const CgroupLimits& limits = request.limits.group;
    LUMOS_TRY(make_cgroup(tree_, request.cgroup, limits.read.has_value()));
    fault_point("sandbox.cgroup_made");
    LUMOS_TRY(limit_cgroup(tree_, request.cgroup, limits));
    if (filter_.empty()) filter_ = LUMOS_TRY(compile_seccomp_profile());
    const CgroupEntry cgroup = LUMOS_TRY(open_cgroup(tree_, request.cgroup, limits.read.has_value()));
    const Fd network(::open(request.network.c_str(), O_RDONLY | O_CLOEXEC));
    if (!network) return fail_errno(request.network);
    if (!stamps_) stamps_ = LUMOS_TRY(make_shared_stamps());
    *stamps_ = {};
    group_made_ = monotonic_ns();
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe");
    const Fd read_end(ends[0]);
    Fd write_end(ends[1]);

    clone_args args{};
    args.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    args.exit_signal = SIGCHLD;
    if (cgroup.folder) {
      args.flags |= CLONE_INTO_CGROUP;
      args.cgroup = static_cast<std::uint64_t>(cgroup.folder.get());
    }
    const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
    if (pid < 0) return fail_errno("clone3");
    if (pid == 0) Child(request, cgroup, filter_, network.get(), write_end.get(), *stamps_).run();
    write_end.reset();

    fault_point("sandbox.cloned");
    Failure failure;
    const ssize_t n = ::read(read_end.get(), &failure, sizeof failure);
    if (n == 0) return pid;  // exec closed the pipe, or a signal ended the child: then the launcher will reap it
    ::waitpid(pid, nullptr, 0);
    return fail(ErrorCode::kEnvironment, "sandbox: {}: {}", failure.step.data(), std::strerror(failure.error));
  }

  SharedStamps stamps_;              // of the last launch
  std::int64_t group_made_ = 0;      // likewise
  std::vector<sock_filter> filter_;  // the same for every instance: a constant, compiled at the first launch
  RuntimeInfo info_{.id = "sandbox",
                    .isolation = "namespaces",
                    .launcher = "lumos",
                    .engine = "native",
                    .mode = "native",
                    .artefact = ArtefactKind::kNative};
  CgroupTree tree_;
};

}  // namespace

std::unique_ptr<RuntimeDriver> make_sandbox(const CgroupTree& tree) { return std::make_unique<SandboxDriver>(tree); }

}  // namespace lumos
