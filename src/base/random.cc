#include "base/random.h"

#include <array>
#include <format>
#include <string>

#include "base/file.h"

namespace lumos {

RandomStream::RandomStream(std::uint64_t seed, std::string_view name) {
  const std::string key = sha256(std::format("{}:{}", seed, name));
  std::seed_seq sequence(key.begin(), key.end());
  engine_.seed(sequence);
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t threshold = (0 - bound) % bound;
  for (;;) {
    const Wide product = static_cast<Wide>(engine_()) * bound;
    if (static_cast<std::uint64_t>(product) >= threshold) return static_cast<std::uint64_t>(product >> 64);
  }
}

double RandomStream::uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }

}  // namespace lumos
