#include "control/environment/storage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace lumos {
namespace {

TEST(Secrets, AreLongDistinctAndPlainLetters) {
  std::set<std::string> secrets;
  for (int i = 0; i < 100; ++i) secrets.insert(random_secret(40));
  EXPECT_EQ(secrets.size(), 100U);
  for (const auto& secret : secrets) {
    EXPECT_EQ(secret.size(), 40U);
    EXPECT_TRUE(std::ranges::all_of(secret, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; }));
  }
}

TEST(Storage, OfNoKindNeedsNothingAndGivesNothing) {
  const auto storage = Storage::start({});
  ASSERT_TRUE(storage.has_value());
  EXPECT_TRUE((*storage)->addresses().empty());
  EXPECT_TRUE((*storage)->access({}, "/data").environment.empty());
  EXPECT_EQ((*storage)->describe().dump(), "{}");
}

}  // namespace
}  // namespace lumos
