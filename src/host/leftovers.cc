#include "host/leftovers.h"

#include <fcntl.h>
#include <sys/file.h>

#include <random>

namespace lumos {
namespace fs = std::filesystem;

namespace {

// Held while marks are made or looked through: a mark is never seen between its creation and its lock.
Expected<Fd> lock_marks(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  Fd lock(::open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0) return fail_errno((folder / ".lock").string());
  return lock;
}

}  // namespace

Expected<RunMark> RunMark::claim(const fs::path& folder) {
  const Fd marks = LUMOS_TRY(lock_marks(folder));
  std::random_device random;
  RunMark mark;
  mark.tag_ = std::format("r{:08x}", random());
  mark.path_ = folder / mark.tag_;
  mark.lock_ = Fd(::open(mark.path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!mark.lock_ || ::flock(mark.lock_.get(), LOCK_EX | LOCK_NB) != 0) return fail_errno(mark.path_.string());
  return mark;
}

void RunMark::release() {
  if (lock_) ::unlink(path_.c_str());
  lock_.reset();
}

Expected<std::vector<std::string>> remove_leftovers(const CgroupTree& tree, const fs::path& marks) {
  const Fd all = LUMOS_TRY(lock_marks(marks));
  std::vector<std::string> removed;
  std::error_code error;
  for (auto it = fs::directory_iterator(marks, error); !error && it != fs::end(it); it.increment(error)) {
    const std::string tag = it->path().filename();
    if (tag.starts_with('.')) continue;
    const Fd lock(::open(it->path().c_str(), O_RDWR | O_CLOEXEC));
    if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;  // lives
    if (!remove_cgroup(tree, "lumos/" + tag)) continue;
    std::error_code ignored;
    fs::remove_all(marks.parent_path() / "content" / tag, ignored);
    ::unlink(it->path().c_str());
    removed.push_back(tag);
  }
  return removed;
}

}  // namespace lumos
