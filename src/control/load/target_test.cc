#include "control/load/target.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

TEST(Target, ReadsUrlsOfThisMachine) {
  struct Row {
    const char *url, *host, *path;
    int family;
  };
  for (const Row& row : {Row{"http://127.0.0.1:8080/", "127.0.0.1:8080", "/", AF_INET},
                         Row{"http://127.9.9.9", "127.9.9.9", "/", AF_INET},
                         Row{"http://localhost:80/f?n=3", "localhost:80", "/f?n=3", AF_INET},
                         Row{"http://localhost?n=3", "localhost", "/?n=3", AF_INET},
                         Row{"http://[::1]:8080/x", "[::1]:8080", "/x", AF_INET6}}) {
    const auto target = parse_target(row.url, false);
    ASSERT_TRUE(target.has_value()) << target.error().message;
    EXPECT_EQ(target->url, row.url);
    EXPECT_EQ(target->host, row.host);
    EXPECT_EQ(target->path, row.path);
    EXPECT_EQ(target->endpoint.address.ss_family, row.family);
  }
}

TEST(Target, OtherMachinesOnlyWhenAllowed) {
  for (const char* url : {"http://192.0.2.1/", "http://example.invalid/", "http://0.0.0.0:80/",
                          "http://[::ffff:192.0.2.1]/", "http://127.0.0.1.example.invalid/"}) {
    const auto refused = parse_target(url, false);
    ASSERT_FALSE(refused.has_value()) << url;
    EXPECT_EQ(refused.error().code, ErrorCode::kUsage);
    EXPECT_NE(refused.error().message.find("--allow-remote"), std::string::npos);
  }
  EXPECT_TRUE(parse_target("http://192.0.2.1:81/", true).has_value());
}

TEST(Target, RefusesWhatIsNoUrl) {
  for (const char* url :
       {"", "127.0.0.1:80", "ftp://127.0.0.1/", "https://127.0.0.1/", "http://", "http://:80/", "http://127.0.0.1:/",
        "http://127.0.0.1:0/", "http://127.0.0.1:65536/", "http://127.0.0.1:80x/", "http://me@127.0.0.1/",
        "http://127.0.0.1/ x", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\xc3\xa4", "http://127.0.0.1/#top",
        "http://[::1/", "http://[]/"}) {
    const auto target = parse_target(url, true);
    ASSERT_FALSE(target.has_value()) << url;
    EXPECT_TRUE(target.error().code == ErrorCode::kUsage || std::string(url) == "http://[::1/")
        << target.error().message;
  }
  EXPECT_EQ(parse_target("https://localhost/", false).error().message,
            "'https://localhost/' asks for TLS, which load does not speak; a URL is http://HOST[:PORT][/PATH], such as "
            "http://127.0.0.1:8080/");
}

}  // namespace
}  // namespace lumos
