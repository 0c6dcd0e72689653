// The factors of the build and of the caches in an experiment file: good lines and bad ones, with the whole message.
#include <gtest/gtest.h>

#include "workload/example_names.h"
#include "workload/experiment.h"

namespace lumos {
namespace {

Expected<Experiment> parsed(const std::string& line) {
  return parse_experiment("functions: [noop]\n" + line + "\n", "e.yaml", example_names());
}

TEST(BuildFactors, HaveTheirDefaults) {
  const auto experiment = parsed("seed: 1");
  ASSERT_TRUE(experiment.has_value());
  EXPECT_EQ(experiment->base, std::vector{Base::kScratch});
  EXPECT_EQ(experiment->isa, std::vector{Isa::kBaseline});
  EXPECT_EQ(experiment->wasm_simd, std::vector{false});
  EXPECT_EQ(experiment->aot_level, std::vector<std::int64_t>{3});
}

TEST(BuildFactors, TakeOneValueOrAList) {
  const auto one = parsed("base: debian-slim\nisa: native\nwasm_simd: on\naot_level: 0");
  ASSERT_TRUE(one.has_value()) << one.error().message;
  EXPECT_EQ(one->base, std::vector{Base::kDebianSlim});
  EXPECT_EQ(one->isa, std::vector{Isa::kNative});
  EXPECT_EQ(one->wasm_simd, std::vector{true});
  EXPECT_EQ(one->aot_level, std::vector<std::int64_t>{0});
  const auto many = parsed(
      "base: [debian-slim, scratch]\nisa: [baseline, native]\nwasm_simd: [\"off\", on]\naot_level: [0, 1, 2, 3]");
  ASSERT_TRUE(many.has_value()) << many.error().message;
  EXPECT_EQ(many->base, (std::vector{Base::kDebianSlim, Base::kScratch}));
  EXPECT_EQ(many->isa, (std::vector{Isa::kBaseline, Isa::kNative}));
  EXPECT_EQ(many->wasm_simd, (std::vector{false, true}));
  EXPECT_EQ(many->aot_level, (std::vector<std::int64_t>{0, 1, 2, 3}));
}

TEST(CacheFactors, HaveTheirDefaultsAndTakeOneValueOrAList) {
  const auto none = parsed("seed: 1");
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(none->cache, std::vector{CacheState::kMemory});
  EXPECT_EQ(none->runtime_cache, std::vector{CacheState::kMemory});
  const auto some = parsed("cache: disk\nruntime_cache: [disk, memory]");
  ASSERT_TRUE(some.has_value()) << some.error().message;
  EXPECT_EQ(some->cache, std::vector{CacheState::kDisk});
  EXPECT_EQ(some->runtime_cache, (std::vector{CacheState::kDisk, CacheState::kMemory}));
}

TEST(BuildFactors, BadValuesAreRefusedWithPositionAndReason) {
  const std::pair<const char*, const char*> kBad[] = {
      {"base: [scratch, alpine]", "e.yaml:2:17: unknown base 'alpine'; known: scratch, debian-slim"},
      {"base: debian_slim",
       "e.yaml:2:7: unknown base 'debian_slim' (did you mean 'debian-slim'?); known: scratch, debian-slim"},
      {"base: []", "e.yaml:2:7: 'base' must have at least one value, not an empty list"},
      {"base: [scratch, scratch]", "e.yaml:2:17: 'base' lists 'scratch' twice"},
      {"base: {scratch: 1}", "e.yaml:2:7: expected a base (scratch, debian-slim), not a map"},
      {"isa: avx2", "e.yaml:2:6: unknown isa 'avx2'; known: baseline, native"},
      {"isa: [native, native]", "e.yaml:2:15: 'isa' lists 'native' twice"},
      {"wasm_simd: true", "e.yaml:2:12: unknown wasm_simd 'true'; known: off, on"},
      {"wasm_simd: [on, off, on]", "e.yaml:2:22: 'wasm_simd' lists 'on' twice"},
      {"wasm_simd:", "e.yaml:2:1: 'wasm_simd' must have at least one value, not nothing"},
      {"aot_level: 4", "e.yaml:2:12: 'aot_level' must be from 0 to 3, not 4"},
      {"aot_level: [-1]", "e.yaml:2:13: 'aot_level' must be from 0 to 3, not -1"},
      {"aot_level: s", "e.yaml:2:12: 'aot_level' must be a whole number such as 200 or 1e6, not 's'"},
      {"aot_level: [2, 2]", "e.yaml:2:16: 'aot_level' lists '2' twice"},
      {"cache: distant", "e.yaml:2:8: unknown cache 'distant'; known: memory, disk, remote, base-cached"},
      {"cache: [memory, ram]", "e.yaml:2:17: unknown cache 'ram'; known: memory, disk, remote, base-cached"},
      {"cache: [disk, disk]", "e.yaml:2:15: 'cache' lists 'disk' twice"},
      {"runtime_cache: remote", "e.yaml:2:16: unknown runtime_cache 'remote'; known: memory, disk"},
      {"runtime_cache: []", "e.yaml:2:16: 'runtime_cache' must have at least one value, not an empty list"},
      {"bases: scratch",
       "e.yaml:2:1: unknown key 'bases' in the experiment (did you mean 'base'?); known: name, functions, runtimes, "
       "start, cache, "
       "runtime_cache, base, isa, wasm_simd, aot_level, device, neighbour, storage, connection, format, load, links, "
       "scaling, "
       "stop, density, "
       "telemetry, seed"},
  };
  for (const auto& [line, message] : kBad) {
    const auto result = parsed(line);
    ASSERT_FALSE(result.has_value()) << line;
    EXPECT_EQ(result.error().code, ErrorCode::kUsage);
    EXPECT_EQ(result.error().message, message);
  }
}

}  // namespace
}  // namespace lumos
