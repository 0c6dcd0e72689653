// Small pieces of work that each ask one thing of a machine. Each runs `times` its unit of work and returns a value
// that depends on all of it, so that no compiler leaves any out. One thread, nothing allocated but by the constructors.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/fd.h"

namespace lumos::kernels {

/// A chain of integer additions, multiplications, shifts: each step waits for the one before.
std::uint64_t integer(std::int64_t times);

/// A chain of double-precision multiplications and additions.
double floating(std::int64_t times);

/// Calls of the kernel that do nothing.
std::int64_t system_calls(std::int64_t times);

/// Instructions of a small byte-code interpreter: what an interpreter does between two of the program's own operations.
std::int64_t dispatch(std::int64_t times);

/// Of std::aligned_alloc.
struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

/// Memory of 64 MiB, in huge pages where the kernel gives them, so that where the pages lie and what walking their
/// tables costs is in no number. The last cache of a server holds it, and others use that cache too: after `evict` no
/// line of it is in any cache.
class Memory {
 public:
  Memory();
  void evict();
  /// Reads it from front to back; a unit is kBytes.
  std::uint64_t read(std::int64_t times) const;
  /// Loads that each need the address that the one before brought, in an order that no prefetcher guesses.
  std::uint64_t chase(std::int64_t times);

  static constexpr std::size_t kBytes = std::size_t{64} << 20, kLineBytes = 64;

 private:
  static constexpr std::size_t kWords = kBytes / sizeof(std::uint64_t);
  std::unique_ptr<std::uint64_t[], Free> next_;  // kWords of them: a single cycle through every cache line
  std::uint64_t at_ = 0;
};

/// A file of its own in a folder, read past the page cache. Gone with this object.
class Disk {
 public:
  /// Error: kEnvironment, the folder cannot be written, or its file system has no direct access.
  static Expected<Disk> open(const std::filesystem::path& folder);
  /// Blocks of kBlock, from front to back and again. −1: a read failed.
  std::int64_t read(std::int64_t times);

  static constexpr std::size_t kBlock = 256 << 10, kBlocks = 64;

 private:
  Fd file_;
  std::unique_ptr<void, Free> buffer_;
  std::int64_t next_ = 0;
};

/// Two ends of a TCP connection over 127.0.0.1, both held here.
class Loopback {
 public:
  /// Error: kEnvironment.
  static Expected<Loopback> open();
  /// 256 bytes there and 256 back. −1: it broke.
  std::int64_t exchange(std::int64_t times);

 private:
  Fd here_, there_;
};

}  // namespace lumos::kernels
