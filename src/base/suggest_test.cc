#include "base/suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace lumos {
namespace {

const std::vector<std::string> kRuntimes{"sandbox", "runc", "crun", "wasm-interp", "wasm-aot"};

TEST(Suggestion, NamesTheNearestKnownWord) {
  EXPECT_EQ(suggestion("wasm-oat", kRuntimes), " (did you mean 'wasm-aot'?)");
  EXPECT_EQ(suggestion("sandobx", kRuntimes), " (did you mean 'sandbox'?)");
}

TEST(Suggestion, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(suggestion("firecracker", kRuntimes), "");
  EXPECT_EQ(suggestion(std::string(100000, 'x'), kRuntimes), "");
}

}  // namespace
}  // namespace lumos
