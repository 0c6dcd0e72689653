#include "control/runtime/registry.h"

#include <gtest/gtest.h>

#include <set>

namespace lumos {
namespace {

TEST(Runtimes, IdsAndTraitsAreDistinct) {
  std::set<std::string> ids, traits;
  for (const auto& info : known_runtimes()) {
    EXPECT_TRUE(ids.insert(info.id).second) << info.id;
    EXPECT_TRUE(traits.insert(info.traits().dump()).second) << info.id;
    EXPECT_TRUE(info.mode == "native" || info.mode == "interpreted" || info.mode == "aot") << info.mode;
  }
  EXPECT_EQ(ids.size(), 5u);
}

TEST(Runtimes, TheArtefactFitsTheMode) {
  for (const auto& info : known_runtimes()) {
    EXPECT_EQ(info.artefact == ArtefactKind::kNative, info.mode == "native") << info.id;
    EXPECT_EQ(info.artefact == ArtefactKind::kAot, info.mode == "aot") << info.id;
  }
}

}  // namespace
}  // namespace lumos
