#include "record/server_url.h"

#include <gmock/gmock.h>

namespace lumos {
namespace {

TEST(ServerUrl, SaysHostPortAndBucket) {
  const auto redis = parse_server_url("redis", "redis://store.local");
  ASSERT_TRUE(redis.has_value());
  EXPECT_EQ(redis->host, "store.local");
  EXPECT_EQ(redis->port, 6379);
  const auto s3 = parse_server_url("s3", "http://10.0.0.5:9000/my-bucket");
  ASSERT_TRUE(s3.has_value());
  EXPECT_EQ(s3->host, "10.0.0.5");
  EXPECT_EQ(s3->port, 9000);
  EXPECT_EQ(s3->bucket, "my-bucket");
}

TEST(ServerUrl, WhatIsNoneIsRefused) {
  for (const char* url : {"", "redis://", "redis://:1", "redis://a:", "redis://a:0", "redis://a:65536", "redis://a:1x",
                          "redis://a/3", "http://a", "redis://a b", "redis://a\n", "redis://a:1:2"})
    EXPECT_FALSE(parse_server_url("redis", url).has_value()) << url;
  for (const char* url : {"http://a", "http://a/", "http://a/b/c", "http://a/../b", "redis://a/b", "s3://a/b"})
    EXPECT_FALSE(parse_server_url("s3", url).has_value()) << url;
}

TEST(ServerUrl, SecretsAndTlsAreNamed) {
  EXPECT_THAT(parse_server_url("redis", "redis://:pass@a").error().message,
              testing::AllOf(testing::HasSubstr("LUMOS_REDIS_PASSWORD"), testing::Not(testing::HasSubstr("pass@"))));
  EXPECT_THAT(parse_server_url("s3", "http://k:s@a/b").error().message, testing::HasSubstr("AWS_SECRET_ACCESS_KEY"));
  EXPECT_THAT(parse_server_url("s3", "https://a/b").error().message, testing::HasSubstr("no TLS"));
}

}  // namespace
}  // namespace lumos
