#include "base/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

namespace lumos {
namespace fs = std::filesystem;

namespace {

// A file that is not there was asked for in vain; one that the machine cannot open now is another matter.
std::unexpected<Error> fail_to_read(const fs::path& path) {
  const bool machine = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO;
  return fail(machine ? ErrorCode::kEnvironment : ErrorCode::kUsage, "{}: {}", path.string(), std::strerror(errno));
}

}  // namespace

Expected<std::string> read_file(const fs::path& path, std::size_t limit_bytes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return fail_to_read(path);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kUsage, "{}: not a regular file", path.string());
  std::string content;
  std::array<char, 65536> chunk{};
  for (;;) {  // files of /proc and /sys say size 0: read until the end
    const ssize_t n = ::read(fd.get(), chunk.data(), chunk.size());
    if (n < 0) return fail_to_read(path);
    if (n == 0) return content;
    content.append(chunk.data(), static_cast<std::size_t>(n));
    if (content.size() > limit_bytes) {
      return fail(ErrorCode::kUsage, "{}: larger than {} bytes", path.string(), limit_bytes);
    }
  }
}

std::string read_tail(const fs::path& path, std::size_t limit_bytes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return "";
  std::string tail(std::min(limit_bytes, static_cast<std::size_t>(status.st_size)), '\0');
  const ssize_t n = ::pread(fd.get(), tail.data(), tail.size(), status.st_size - static_cast<off_t>(tail.size()));
  tail.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return tail;
}

Expected<> write_file(const fs::path& path, std::string_view content) {
  const std::string beside = path.string() + std::format(".{}.new", ::getpid());
  Fd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return fail_errno(beside);
  while (!content.empty()) {
    const ssize_t n = ::write(fd.get(), content.data(), content.size());
    if (n < 0) {
      auto error = fail_errno(beside);
      ::unlink(beside.c_str());
      return error;
    }
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd.get()) != 0 || ::rename(beside.c_str(), path.c_str()) != 0) {
    auto error = fail_errno(path.string());
    ::unlink(beside.c_str());
    return error;
  }
  return {};
}

Expected<Fd> lock_file(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  Fd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0) return fail_errno(path.string());
  return lock;
}

std::string sha256(std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  LUMOS_CHECK(EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += std::format("{:02x}", digest[i]);
  return hex;
}

Expected<std::string> sha256_of_tree(const fs::path& root, std::string_view skip) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(root, error); !error && it != fs::end(it); it.increment(error)) {
    if (!skip.empty() && it->is_directory() && it->path().filename() == skip) it.disable_recursion_pending();
    if (it->is_regular_file() && !it->is_symlink()) names.push_back(fs::relative(it->path(), root).string());
  }
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", root.string(), error.message());
  std::ranges::sort(names);
  std::string all;
  for (const auto& name : names) all += name + '\0' + sha256(LUMOS_TRY(read_file(root / name))) + '\n';
  return sha256(all);
}

std::int64_t bytes_below(const fs::path& root) {
  std::set<std::pair<dev_t, ino_t>> seen;
  std::int64_t sum = 0;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(root, error); !error && it != fs::end(it); it.increment(error)) {
    struct stat status{};
    if (::lstat(it->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (status.st_nlink == 1 || seen.emplace(status.st_dev, status.st_ino).second) sum += status.st_size;
  }
  return sum;
}

}  // namespace lumos
