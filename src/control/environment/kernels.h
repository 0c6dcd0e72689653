// Small pieces of work that each ask one thing of a machine. Each runs `times` its unit of work and returns a value
// that depends on all of it, so that no compiler leaves any out. One thread, nothing allocated but by the constructors.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

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

/// Memory larger than the caches of most machines.
class Memory {
 public:
  Memory();
  /// Reads it from front to back; a unit is kBytes.
  std::uint64_t read(std::int64_t times) const;
  /// Loads that each need the address that the one before brought, in an order that no prefetcher guesses.
  std::uint64_t chase(std::int64_t times);

  static constexpr std::size_t kBytes = std::size_t{64} << 20;

 private:
  std::vector<std::uint64_t> next_;  // a single cycle through every cache line
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
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
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
