#include "control/environment/kernels.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <vector>

#include "base/random.h"

namespace lumos::kernels {

std::uint64_t integer(std::int64_t times) {
  std::uint64_t x = 0x9E3779B97F4A7C15;
  for (std::int64_t i = 0; i < times; ++i) {
    x = x * 0xD1342543DE82EF95 + 0x2545F4914F6CDD1D;
    x ^= x >> 29;
  }
  return x;
}

// Stays within the normal numbers whatever the count: slow ones would be another subject.
double floating(std::int64_t times) {
  double x = 0.5;
  for (std::int64_t i = 0; i < times; ++i) {
    x = x * 0.999999 + 0.25;
    x = x * 0.5 + 1e-3;
  }
  return x;
}

std::int64_t system_calls(std::int64_t times) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < times; ++i) sum += ::syscall(SYS_getppid);
  return sum;
}

namespace {

enum Operation : std::uint8_t { kAdd, kXor, kShift, kLoad, kStore, kLoop };

// Without operands, so that what is measured is finding the next instruction.
constexpr std::array<std::uint8_t, 16> kProgram{kLoad, kAdd,   kXor,  kStore, kAdd, kShift, kLoad,  kXor,
                                                kAdd,  kStore, kLoad, kShift, kXor, kAdd,   kStore, kLoop};

}  // namespace

std::int64_t dispatch(std::int64_t times) {
  std::int64_t accumulator = 1, memory = 7;
  std::size_t at = 0;
  for (std::int64_t i = 0; i < times; ++i) {
    switch (kProgram[at++]) {
      case kAdd:
        accumulator += memory;
        break;
      case kXor:
        accumulator ^= memory << 1;
        break;
      case kShift:
        accumulator = (accumulator >> 3) + 5;
        break;
      case kLoad:
        accumulator += memory & 0xFF;
        break;
      case kStore:
        memory = accumulator & 0xFFFFFF;
        break;
      default:
        at = 0;
    }
  }
  return accumulator + memory;
}

Memory::Memory() : next_(static_cast<std::uint64_t*>(std::aligned_alloc(std::size_t{2} << 20, kBytes))) {
  LUMOS_CHECK(next_ != nullptr);
  ::madvise(next_.get(), kBytes, MADV_HUGEPAGE);  // refused by kernels without them
  constexpr std::size_t kLine = kLineBytes / sizeof(std::uint64_t), kLines = kWords / kLine;
  std::vector<std::uint64_t> order(kLines);
  for (std::size_t i = 0; i < kLines; ++i) order[i] = i;
  RandomStream random(1, "memory latency");
  for (std::size_t i = kLines - 1; i > 0; --i) std::swap(order[i], order[random.below(i)]);
  for (std::size_t i = 0; i < kLines; ++i) next_[i * kLine] = order[i] * kLine;
}

void Memory::evict() {
  const auto* bytes = reinterpret_cast<const char*>(next_.get());
  for (std::size_t at = 0; at < kBytes; at += kLineBytes) {
#ifdef __x86_64__
    asm volatile("clflush %0" : : "m"(bytes[at]) : "memory");
#elifdef __aarch64__
    asm volatile("dc civac, %0" : : "r"(bytes + at) : "memory");
#endif
  }
#ifdef __x86_64__
  asm volatile("mfence" : : : "memory");
#elifdef __aarch64__
  asm volatile("dsb ish" : : : "memory");
#endif
}

std::uint64_t Memory::read(std::int64_t times) const {
  std::uint64_t sum = 0;
  for (std::int64_t i = 0; i < times; ++i) {
    for (std::size_t word = 0; word < kWords; ++word) sum += next_[word];
  }
  return sum;
}

std::uint64_t Memory::chase(std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i) at_ = next_[at_];
  return at_;
}

Expected<Disk> Disk::open(const std::filesystem::path& folder) {
  Disk disk;
  disk.file_ = Fd(::open(folder.c_str(), O_RDWR | O_TMPFILE | O_DIRECT | O_CLOEXEC, 0600));
  if (!disk.file_) return fail_errno(folder.string() + ": a file past the page cache");
  disk.buffer_.reset(std::aligned_alloc(4096, kBlock));
  std::memset(disk.buffer_.get(), 0x5A, kBlock);
  for (std::size_t i = 0; i < kBlocks; ++i) {
    if (::pwrite(disk.file_.get(), disk.buffer_.get(), kBlock, static_cast<off_t>(i * kBlock)) != kBlock)
      return fail_errno(folder.string() + ": writing past the page cache");
  }
  ::fdatasync(disk.file_.get());
  return disk;
}

std::int64_t Disk::read(std::int64_t times) {
  std::int64_t bytes = 0;
  for (std::int64_t i = 0; i < times; ++i) {
    const off_t at = static_cast<off_t>(next_++ % static_cast<std::int64_t>(kBlocks)) * static_cast<off_t>(kBlock);
    const ssize_t n = ::pread(file_.get(), buffer_.get(), kBlock, at);
    if (n != kBlock) return -1;
    bytes += n;
  }
  return bytes;
}

Expected<Loopback> Loopback::open() {
  const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const at = reinterpret_cast<sockaddr*>(&address);
  Loopback loopback;
  loopback.here_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!listener || !loopback.here_ || ::bind(listener.get(), at, size) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), at, &size) != 0 || ::connect(loopback.here_.get(), at, size) != 0) {
    return fail_errno("a connection over 127.0.0.1");
  }
  loopback.there_ = Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!loopback.there_) return fail_errno("a connection over 127.0.0.1");
  const int on = 1;
  for (const Fd* end : {&loopback.here_, &loopback.there_})
    ::setsockopt(end->get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return loopback;
}

std::int64_t Loopback::exchange(std::int64_t times) {
  std::array<char, 256> message{};
  const auto pass = [&](const Fd& from, const Fd& to) {
    return ::send(from.get(), message.data(), message.size(), MSG_NOSIGNAL) == ssize_t{256} &&
           ::recv(to.get(), message.data(), message.size(), MSG_WAITALL) == ssize_t{256};
  };
  for (std::int64_t i = 0; i < times; ++i) {
    if (!pass(here_, there_) || !pass(there_, here_)) return -1;
  }
  return times;
}

}  // namespace lumos::kernels
