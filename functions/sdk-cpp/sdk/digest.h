// The hash behind Lumos-Digest.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sdk {

/// XXH64 with seed 0 (Yann Collet, xxHash specification 0.1.1): fast in an interpreter too, the same on every machine.
/// It tells wrong results from right ones; it is no defence against somebody who wants a collision.
inline std::uint64_t digest(std::string_view bytes) {
  constexpr std::uint64_t kPrime[] = {0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
                                      0x27D4EB2F165667C5};
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  const auto take = [&]<typename T>(T value) {  // little endian, as every target is
    std::memcpy(&value, at, sizeof value);
    at += sizeof value;
    left -= sizeof value;
    return std::uint64_t{value};
  };
  const auto round = [&](std::uint64_t sum, std::uint64_t lane) {
    return std::rotl(sum + lane * kPrime[1], 31) * kPrime[0];
  };
  std::uint64_t hash = kPrime[4];
  if (left >= 32) {
    std::uint64_t sums[] = {kPrime[0] + kPrime[1], kPrime[1], 0, 0 - kPrime[0]};
    while (left >= 32) {
      for (auto& sum : sums) sum = round(sum, take(std::uint64_t{}));
    }
    hash = std::rotl(sums[0], 1) + std::rotl(sums[1], 7) + std::rotl(sums[2], 12) + std::rotl(sums[3], 18);
    for (const auto sum : sums) hash = (hash ^ round(0, sum)) * kPrime[0] + kPrime[3];
  }
  hash += bytes.size();
  while (left >= 8) hash = std::rotl(hash ^ round(0, take(std::uint64_t{})), 27) * kPrime[0] + kPrime[3];
  while (left >= 4) hash = std::rotl(hash ^ (take(std::uint32_t{}) * kPrime[0]), 23) * kPrime[1] + kPrime[2];
  while (left > 0) hash = std::rotl(hash ^ (take(std::uint8_t{}) * kPrime[4]), 11) * kPrime[0];
  hash = (hash ^ (hash >> 33)) * kPrime[1];
  hash = (hash ^ (hash >> 29)) * kPrime[2];
  return hash ^ (hash >> 32);
}

/// Of a number: its eight little-endian bytes.
inline std::uint64_t digest(std::uint64_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  return digest(std::string_view(bytes, sizeof bytes));
}

}  // namespace sdk
