#include "control/build/registry_client.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/file.h"
#include "tests/support/fake_instance.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

const std::string kLayer = "a layer", kConfig = "{}";

std::string digest_of(std::string_view bytes) { return "sha256:" + sha256(bytes); }

std::string manifest_of(const std::string& layer_type = "application/vnd.oci.image.layer.v1.tar+gzip") {
  return std::format(
      R"({{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},)"
      R"("layers":[{{"mediaType":"{}","digest":"{}","size":{}}}]}})",
      digest_of(kConfig), kConfig.size(), layer_type, digest_of(kLayer), kLayer.size());
}

RegistryClient client_of(const FakeInstance& registry) {
  return {registry.address(), registry.port(), monotonic_ns() + 10'000'000'000};
}

TEST(Manifest, NamesConfigurationAndLayers) {
  const auto manifest = parse_image_manifest(manifest_of());
  ASSERT_TRUE(manifest.has_value()) << manifest.error().message;
  EXPECT_EQ(manifest->config.digest, digest_of(kConfig));
  ASSERT_EQ(manifest->layers.size(), 1);
  EXPECT_EQ(manifest->layers[0].bytes, 7);
}

TEST(Manifest, WhatIsNoneIsRefused) {
  const std::string good = manifest_of();
  std::string short_digest = good, negative = good, path = good;
  short_digest.erase(good.find("sha256:") + 20, 4);
  negative.replace(good.find("\"size\":7"), 8, "\"size\":-7");
  path.replace(good.find("sha256:"), 12, "../../../x.y");
  for (const auto& text : {std::string("x"), std::string("[]"), std::string("{}"), short_digest, negative, path,
                           manifest_of("application/vnd.oci.image.layer.v1.tar+zstd")}) {
    const auto manifest = parse_image_manifest(text);
    ASSERT_FALSE(manifest.has_value()) << text;
    EXPECT_EQ(manifest.error().code, ErrorCode::kUsage);
  }
}

TEST(UploadPath, IsThatOfTheRegistry) {
  EXPECT_EQ(upload_path("/v2/a/blobs/uploads/1?x=y"), "/v2/a/blobs/uploads/1?x=y");
  EXPECT_EQ(upload_path("http://registry:5000/v2/a/blobs/uploads/1"), "/v2/a/blobs/uploads/1");
  for (const char* bad : {"", "/", "http://", "http://registry", "/v1/x", "/v2/a b", "/v2/a\r\nX: y"})
    EXPECT_FALSE(upload_path(bad).has_value()) << bad;
}

TEST(RegistryClient, TakesWhatHasItsDigest) {
  FakeInstance registry(1, 0, [](const http::Message& request) {
    return ok_answer(request.target.contains("/manifests/") ? manifest_of() : kLayer);
  });
  registry.listen();
  RegistryClient client = client_of(registry);
  EXPECT_EQ(client.manifest("lumos/noop", digest_of(manifest_of())), manifest_of());
  EXPECT_EQ(client.blob("lumos/noop", {.digest = digest_of(kLayer), .bytes = 7}), kLayer);
  EXPECT_EQ(registry.requests().back().target, "/v2/lumos/noop/blobs/" + digest_of(kLayer));
}

TEST(RegistryClient, RefusesOtherBytesThanTheDigestSays) {
  FakeInstance registry(1, 0, [](const http::Message&) { return ok_answer("b layer"); });
  registry.listen();
  RegistryClient client = client_of(registry);
  const auto blob = client.blob("lumos/noop", {.digest = digest_of(kLayer), .bytes = 7});
  ASSERT_FALSE(blob.has_value());
  EXPECT_TRUE(blob.error().message.contains("its bytes are others")) << blob.error().message;
  EXPECT_FALSE(client.manifest("lumos/noop", digest_of(manifest_of())).has_value());
}

TEST(RegistryClient, SaysWhatTheRegistryAnswers) {
  FakeInstance registry(1, 0, [](const http::Message&) { return InstanceAnswer{http::format_response(404, "{}")}; });
  registry.listen();
  const auto blob = client_of(registry).blob("lumos/noop", {.digest = digest_of(kLayer), .bytes = 7});
  ASSERT_FALSE(blob.has_value());
  EXPECT_EQ(blob.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(blob.error().message.ends_with("the registry answers 404"));
}

TEST(RegistryClient, GivesUpAtItsDeadline) {
  FakeInstance registry(1, 0, [](const http::Message&) { return InstanceAnswer{}; });
  registry.listen();
  RegistryClient client(registry.address(), registry.port(), monotonic_ns() + 20'000'000);
  const auto blob = client.blob("lumos/noop", {.digest = digest_of(kLayer), .bytes = 7});
  ASSERT_FALSE(blob.has_value());
  EXPECT_TRUE(blob.error().message.ends_with("did not answer in time")) << blob.error().message;
}

TEST(RegistryClient, ConnectsAnewWhenItsConnectionWasClosed) {
  FakeInstance registry(1, 0, [](const http::Message&) {
    InstanceAnswer answer = ok_answer(kLayer);
    answer.close = true;
    return answer;
  });
  registry.listen();
  RegistryClient client = client_of(registry);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.blob("lumos/noop", {.digest = digest_of(kLayer), .bytes = 7}), kLayer);
}

// A registry that keeps what it is given.
TEST(RegistryClient, PushesWhatTheRegistryHasNot) {
  const TemporaryFolder folder;
  const std::string manifest = manifest_of();
  const auto blobs = folder / "blobs/sha256";
  std::filesystem::create_directories(blobs);
  for (const auto& bytes : {kLayer, kConfig, manifest}) ASSERT_TRUE(write_file(blobs / sha256(bytes), bytes));
  ASSERT_TRUE(
      write_file(folder / "index.json", std::format(R"({{"manifests":[{{"digest":"{}"}}]}})", digest_of(manifest))));
  FakeInstance registry(1, 0, [](const http::Message& request) -> InstanceAnswer {
    const std::string empty = "Content-Length: 0\r\n\r\n";
    if (request.method == "HEAD")
      return {request.target.ends_with(digest_of(kConfig)) ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
                                                           : "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n"};
    if (request.method == "POST")
      return {"HTTP/1.1 202 Accepted\r\nLocation: /v2/lumos/noop/blobs/uploads/1?s=2\r\n" + empty};
    return {"HTTP/1.1 201 Created\r\n" + empty};
  });
  registry.listen();
  RegistryClient client = client_of(registry);
  const auto pushed = client.push("lumos/noop", folder.path());
  ASSERT_TRUE(pushed.has_value()) << pushed.error().message;
  std::vector<std::string> puts;
  for (const auto& request : registry.requests()) {
    if (request.method == "PUT") puts.push_back(request.target + " " + request.body);
  }
  ASSERT_EQ(puts.size(), 2) << "the configuration is there already";
  EXPECT_EQ(puts[0], "/v2/lumos/noop/blobs/uploads/1?s=2&digest=" + digest_of(kLayer) + " " + kLayer);
  EXPECT_EQ(puts[1], "/v2/lumos/noop/manifests/" + digest_of(manifest) + " " + manifest);
}

}  // namespace
}  // namespace lumos
