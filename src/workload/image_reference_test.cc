#include "workload/image_reference.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(ImageReference, IsARegistryANameAndATagOrADigest) {
  const struct {
    std::string text, registry, name, tag, digest;
  } good[] = {
      {"registry.example/shop:v1", "registry.example", "shop", "v1", ""},
      {"docker://registry.example/shop:v1", "registry.example", "shop", "v1", ""},
      {"127.0.0.1:5000/a/b_c/d__e-f--g.h", "127.0.0.1:5000", "a/b_c/d__e-f--g.h", "latest", ""},
      {"localhost/x:V1.0-rc_1", "localhost", "x", "V1.0-rc_1", ""},
      {"node:5000/x@" + kDigest, "node:5000", "x", "", kDigest},
  };
  for (const auto& [text, registry, name, tag, digest] : good) {
    const auto reference = parse_image_reference(text);
    ASSERT_TRUE(reference.has_value()) << text << ": " << reference.error().message;
    EXPECT_EQ(*reference, (ImageReference{registry, name, tag, digest})) << text;
    EXPECT_EQ(parse_image_reference(reference->text()), *reference);
  }
}

TEST(ImageReference, WhatIsNoneIsRefusedWithTheReason) {
  const std::string no_registry = "it begins with no registry (HOST or HOST:PORT, and none is assumed)";
  const std::string no_name = " is no name of an image (a-z, 0-9 and . _ - between them)";
  const std::pair<std::string, std::string> bad[] = {
      {"", no_registry},
      {"nginx", no_registry},
      {"library/nginx:1", no_registry},
      {"docker://", no_registry},
      {"registry.example", no_registry},
      {"/x.y/z", no_registry},
      {"registry..example/x", "'registry..example' is no HOST or HOST:PORT"},
      {"-tls-verify=false.x/y", "'-tls-verify=false.x' is no HOST or HOST:PORT"},
      {"a.b:0/x", "'a.b:0' is no HOST or HOST:PORT"},
      {"a.b:65536/x", "'a.b:65536' is no HOST or HOST:PORT"},
      {"a.b:/x", "'a.b:' is no HOST or HOST:PORT"},
      {"user:word@a.b/x", "'user:word@a.b' is no HOST or HOST:PORT"},
      {"a.b/", "''" + no_name},
      {"a.b/Shop", "'Shop'" + no_name},
      {"a.b/x//y", "'x//y'" + no_name},
      {"a.b/../x", "'../x'" + no_name},
      {"a.b/x..y", "'x..y'" + no_name},
      {"a.b/x___y", "'x___y'" + no_name},
      {"a.b/x y", "'x y'" + no_name},
      {"a.b/" + std::string(300, 'x'), "'" + std::string(300, 'x') + "'" + no_name},
      {"a.b/x:", "'' is no tag"},
      {"a.b/x:-v", "'-v' is no tag"},
      {"a.b/x:v1:v2", "'v1:v2' is no tag"},
      {"a.b/x@sha256:12", "behind the @ stands no digest (sha256: and 64 digits of 0-9a-f)"},
      {"a.b/x:v1@" + kDigest, "it has a tag and a digest; leave out one of them"},
  };
  for (const auto& [text, why] : bad) {
    const auto reference = parse_image_reference(text);
    ASSERT_FALSE(reference.has_value()) << text;
    EXPECT_EQ(reference.error().code, ErrorCode::kUsage);
    EXPECT_EQ(reference.error().message, "must be as registry.example/shop:v1: " + why);
  }
}

TEST(ImageReference, OnlyAnAddressOfThisMachineIsLocal) {
  const auto local = [](const std::string& registry) {
    return ImageReference{.registry = registry, .name = "x", .tag = "y", .digest = {}}.is_local();
  };
  for (const char* yes : {"127.0.0.1", "127.0.0.1:5000", "127.9.9.9", "localhost", "localhost:1"})
    EXPECT_TRUE(local(yes)) << yes;
  for (const char* no :
       {"127.evil.example", "127.0.0.1.example:5000", "10.0.0.1:5000", "localhost.example", "12.7.0.1"})
    EXPECT_FALSE(local(no)) << no;
}

}  // namespace
}  // namespace lumos
