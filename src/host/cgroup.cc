#include "host/cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/file.h"

namespace lumos {
namespace fs = std::filesystem;

namespace {

constexpr std::array kControllersV1{"cpuacct", "cpu", "memory", "pids"};
constexpr const char* kIoV1 = "blkio";

std::int64_t in_microseconds(Nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

bool write_text(const fs::path& path, std::string_view text) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Kills the processes listed in one folder's cgroup.procs.
void kill_members(const fs::path& folder) {
  if (write_text(folder / "cgroup.kill", "1")) return;  // v2, since Linux 5.14
  const auto listed = read_file(folder / "cgroup.procs");
  if (!listed) return;
  for (const char* p = listed->data(); p < listed->data() + listed->size();) {
    pid_t pid = 0;
    const auto [end, status] = std::from_chars(p, listed->data() + listed->size(), pid);
    if (status == std::errc{} && pid > 1) ::kill(pid, SIGKILL);
    p = end + 1;
  }
}

// Post-order removal: a group goes only when those below it are gone.
void remove_below(const fs::path& folder) {
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::end(it); it.increment(error)) {
    if (it->is_directory(error)) remove_below(it->path());
  }
  kill_members(folder);
  ::rmdir(folder.c_str());
}

}  // namespace

Expected<CgroupTree> CgroupTree::find(const fs::path& root) {
  if (fs::exists(root / "cgroup.controllers")) return CgroupTree{CgroupVersion::kV2, root};
  if (fs::exists(root / "memory/cgroup.procs") && fs::exists(root / "cpuacct/cgroup.procs")) {
    return CgroupTree{CgroupVersion::kV1, root};
  }
  return fail(ErrorCode::kEnvironment, "{}: neither control groups v2 nor v1 with cpuacct and memory", root.string());
}

std::vector<fs::path> CgroupTree::folders(const std::string& relative, bool with_io) const {
  if (version == CgroupVersion::kV2) return {root / relative};
  std::vector<fs::path> folders;
  std::vector<const char*> controllers(kControllersV1.begin(), kControllersV1.end());
  if (with_io) controllers.push_back(kIoV1);
  for (const char* controller : controllers) {
    // cpu and cpuacct are often one hierarchy under two names: once is enough.
    struct stat status{}, seen{};
    if (::stat((root / controller).c_str(), &status) != 0) continue;
    bool known = false;
    for (const auto& f : folders) {
      known |= ::stat(fs::path(f.string().substr(0, f.string().size() - relative.size())).c_str(), &seen) == 0 &&
               seen.st_dev == status.st_dev && seen.st_ino == status.st_ino;
    }
    if (!known) folders.push_back(root / controller / relative);
  }
  return folders;
}

std::vector<fs::path> CgroupTree::folders_everywhere(const std::string& relative) const {
  if (version == CgroupVersion::kV2) return {root / relative};
  std::vector<fs::path> folders;
  std::error_code error;
  for (auto it = fs::directory_iterator(root, error); !error && it != fs::end(it); it.increment(error)) {
    const bool hierarchy = !it->is_symlink(error) && fs::exists(it->path() / "cgroup.procs", error);
    if (hierarchy) folders.push_back(it->path() / relative);
  }
  return folders;
}

Expected<> hide_unified(const CgroupTree& tree) {
  const fs::path unified = tree.root / "unified";
  if (tree.version != CgroupVersion::kV1 || !fs::is_directory(unified)) return {};
  if (::mount("tmpfs", unified.c_str(), "tmpfs", 0, "mode=755,size=16m") != 0) return fail_errno(unified.string());
  return {};
}

void remove_hidden(const CgroupTree& tree, const std::string& relative) {
  if (tree.version != CgroupVersion::kV1) return;
  std::error_code ignored;  // there, it is a folder in memory
  fs::remove_all(tree.root / "unified" / relative, ignored);
}

Expected<> make_cgroup(const CgroupTree& tree, const std::string& relative, bool with_io) {
  for (const auto& folder : tree.folders(relative, with_io)) {
    if (tree.version == CgroupVersion::kV2) {
      // A controller is there only when every parent passes it on.
      fs::path parent = tree.root;
      for (const auto& part : fs::path(relative)) {
        for (const char* controller : {"+cpu", "+memory", "+pids"})
          write_text(parent / "cgroup.subtree_control", controller);
        if (with_io) write_text(parent / "cgroup.subtree_control", "+io");
        parent /= part;
        ::mkdir(parent.c_str(), 0755);
      }
    }
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  }
  return {};
}

Expected<> limit_cgroup(const CgroupTree& tree, const std::string& relative, const CgroupLimits& limits) {
  const bool v2 = tree.version == CgroupVersion::kV2;
  const auto group = [&](const char* controller) { return (v2 ? tree.root : tree.root / controller) / relative; };
  const auto put = [](const fs::path& file, const std::string& value) -> Expected<> {
    if (!write_text(file, value)) return fail_errno(std::format("{} = {}", file.string(), value));
    return {};
  };
  const std::string memory = std::to_string(limits.memory_bytes);
  LUMOS_TRY(put(group("pids") / "pids.max", std::to_string(limits.pids)));
  LUMOS_TRY(put(group("memory") / (v2 ? "memory.max" : "memory.limit_in_bytes"), memory));
  // v1 counts memory and swap together; where a file is missing the kernel counts no swap.
  const fs::path swap = group("memory") / (v2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes");
  if (!limits.swap && fs::exists(swap)) LUMOS_TRY(put(swap, v2 ? "0" : memory));
  if (limits.cpu) {
    const auto quota = in_microseconds(limits.cpu->quota), period = in_microseconds(limits.cpu->period);
    if (v2) {
      LUMOS_TRY(put(group("cpu") / "cpu.max", std::format("{} {}", quota, period)));
    } else {
      LUMOS_TRY(put(group("cpu") / "cpu.cfs_period_us", std::to_string(period)));
      LUMOS_TRY(put(group("cpu") / "cpu.cfs_quota_us", std::to_string(quota)));
    }
  }
  if (!limits.read) return {};
  const auto& [disk, bytes, reads] = *limits.read;
  if (v2) {
    return put(group("io") / "io.max",
               disk + (bytes ? std::format(" rbps={}", *bytes) : "") + (reads ? std::format(" riops={}", *reads) : ""));
  }
  const fs::path throttle = group("blkio");
  if (bytes) LUMOS_TRY(put(throttle / "blkio.throttle.read_bps_device", std::format("{} {}", disk, *bytes)));
  if (reads) LUMOS_TRY(put(throttle / "blkio.throttle.read_iops_device", std::format("{} {}", disk, *reads)));
  return {};
}

Expected<CgroupEntry> open_cgroup(const CgroupTree& tree, const std::string& relative, bool with_io) {
  CgroupEntry entry;
  for (const auto& folder : tree.folders(relative, with_io)) {
    Fd procs(::open((folder / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!procs) return fail_errno((folder / "cgroup.procs").string());
    entry.procs.push_back(std::move(procs));
    if (tree.version == CgroupVersion::kV2)
      entry.folder = Fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  return entry;
}

Expected<> remove_cgroup(const CgroupTree& tree, const std::string& relative) {
  using namespace std::chrono_literals;
  const auto deadline = std::chrono::steady_clock::now() + 2s;
  for (auto pause = 1ms;; pause = std::min<std::chrono::milliseconds>(pause * 2, 50ms)) {
    bool left = false;
    for (const auto& folder : tree.folders_everywhere(relative)) {
      if (!fs::exists(folder)) continue;
      remove_below(folder);
      left |= fs::exists(folder);
    }
    if (!left) return {};
    if (std::chrono::steady_clock::now() > deadline) {
      return fail(ErrorCode::kEnvironment, "control group {}: still in use after being emptied", relative);
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace lumos
