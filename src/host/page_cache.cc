#include "host/page_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/fd.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

std::optional<CachedPages> cached_pages_of(const Fd& fd) {
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return std::nullopt;
  if (status.st_size == 0) return CachedPages{};
  const auto size = static_cast<std::size_t>(status.st_size), page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> in_core((size + page - 1) / page);
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (at == MAP_FAILED) return std::nullopt;
  const bool known = ::mincore(at, size, in_core.data()) == 0;
  ::munmap(at, size);
  if (!known) return std::nullopt;
  const auto cached = std::ranges::count_if(in_core, [](unsigned char c) { return (c & 1) != 0; });
  return CachedPages{.pages = static_cast<std::int64_t>(in_core.size()), .cached = cached};
}

Fd open_for_reading(const fs::path& file) { return Fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC)); }

void read_whole(const Fd& fd) {
  static std::vector<char> buffer(1 << 20);
  for (off_t at = 0;;) {
    const ssize_t n = ::pread(fd.get(), buffer.data(), buffer.size(), at);
    if (n <= 0) return;
    at += n;
  }
}

// Dirty pages are not dropped, nor those that another core has just put into its own list: a second try finds them on
// the common one.
std::optional<CachedPages> dropped(const Fd& fd) {
  ::fdatasync(fd.get());
  std::optional<CachedPages> left;
  for (int i = 0; i < 2 && (!left || left->cached > 0); ++i) {
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
    left = cached_pages_of(fd);
  }
  return left;
}

// The kernel may take pages back while the others are read: they are read again.
std::optional<CachedPages> loaded(const Fd& fd) {
  auto there = cached_pages_of(fd);
  for (int i = 0; i < 3 && there && there->cached < there->pages; ++i) {
    read_whole(fd);
    there = cached_pages_of(fd);
  }
  return there;
}

}  // namespace

std::optional<CachedPages> cached_pages(const fs::path& file) { return cached_pages_of(open_for_reading(file)); }

CacheReading bring_into(CacheState state, std::span<const fs::path> files) {
  CacheReading reading;
  std::int64_t furthest = 0;  // pages
  for (const auto& file : files) {
    const Fd fd = open_for_reading(file);
    const auto pages = state == CacheState::kDisk ? dropped(fd) : loaded(fd);
    const std::int64_t away = !pages                       ? std::numeric_limits<std::int64_t>::max()
                              : state == CacheState::kDisk ? pages->cached
                                                           : pages->pages - pages->cached;
    if (away > furthest) {
      furthest = away;
      reading.exception = file.string();
    }
    if (!pages) continue;
    reading.sum.pages += pages->pages;
    reading.sum.cached += pages->cached;
  }
  return reading;
}

}  // namespace lumos
