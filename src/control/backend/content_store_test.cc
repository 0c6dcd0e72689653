#include "control/backend/content_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "base/subprocess.h"
#include "tests/support/fake_instance.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

std::string digest_of(std::string_view bytes) { return "sha256:" + sha256(bytes); }

// An image of two layers and the registry that has it; what it says can be changed.
class ContentStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"base", "function"}) {
      fs::create_directories(folder_ / "tree");
      ASSERT_TRUE(write_file(folder_ / "tree" / name, name));
      layers_.push_back(archive({name}));
    }
    manifest_ = std::format(R"({{"config":{{"digest":"{}","size":2}},"layers":[)", digest_of("{}"));
    for (const auto& layer : layers_) {
      manifest_ +=
          std::format(R"({}{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{}","size":{}}})",
                      manifest_.ends_with('[') ? "" : ",", digest_of(layer), layer.size());
    }
    manifest_ += "]}";
    registry_.listen();
    from_ = {.address = registry_.address(),
             .port = registry_.port(),
             .repository = "lumos/noop",
             .digest = digest_of(manifest_),
             .store = folder_ / "store"};
    log_ = Fd(::open((folder_ / "log").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }

  std::string archive(const std::vector<std::string>& names) {
    SystemCommandRunner runner;
    Command tar{.argv = {"tar", "--create", "--gzip", "--absolute-names", "--file", (folder_ / "tar").string()},
                .folder = folder_ / "tree"};
    tar.argv.insert(tar.argv.end(), names.begin(), names.end());
    EXPECT_TRUE(run_checked(runner, tar).has_value());
    return read_file(folder_ / "tar").value_or("");
  }

  std::string gzipped(const std::string& pipe) {
    SystemCommandRunner runner;
    const auto made = runner.run({.argv = {"/bin/sh", "-c", pipe}, .folder = folder_ / "tree"});
    return made ? made->output : "";
  }

  void replace_lowest(const std::string& layer) {
    const std::string before = std::exchange(layers_[0], layer);
    const auto at = manifest_.find(digest_of(before));
    manifest_.replace(at, digest_of(before).size(), digest_of(layer));
    const std::string size = std::format("\"size\":{}", before.size());
    manifest_.replace(manifest_.find(size, at), size.size(), std::format("\"size\":{}", layer.size()));
    from_.digest = digest_of(manifest_);
  }

  Expected<Pulled> pull() { return pull_image(from_, monotonic_ns() + 20'000'000'000, log_.get()); }

  InstanceAnswer answer(const http::Message& request) {
    if (request.target.contains("/manifests/")) return ok_answer(manifest_);
    for (const auto& layer : layers_) {
      if (request.target.ends_with(digest_of(layer)))
        return ok_answer(spoilt_ ? std::string(layer.size(), 'x') : layer);
    }
    return ok_answer("{}");
  }

  std::size_t blobs_asked() {
    std::size_t count = 0;
    for (const auto& request : registry_.requests()) {
      for (const auto& layer : layers_) count += request.target.ends_with(digest_of(layer)) ? 1 : 0;
    }
    return count;
  }

  TemporaryFolder folder_;
  std::vector<std::string> layers_;
  std::string manifest_;
  bool spoilt_ = false;
  FakeInstance registry_{1, 0, [this](const http::Message& request) { return answer(request); }};
  PullSource from_;
  Fd log_;
};

TEST_F(ContentStoreTest, AnImageIsPulledUnpackedAndStacked) {
  const auto pulled = pull();
  ASSERT_TRUE(pulled.has_value()) << pulled.error().message;
  const std::string root = pulled->root;
  const std::string top = root.substr(0, root.find(':')), bottom = root.substr(root.find(':') + 1);
  EXPECT_EQ(read_file(fs::path(top) / "function"), "function");
  EXPECT_EQ(read_file(fs::path(bottom) / "base"), "base");
  EXPECT_LE(pulled->pull_begin, pulled->pull_end);
  EXPECT_LE(pulled->pull_end, pulled->unpack_begin);
  EXPECT_LE(pulled->unpack_begin, pulled->unpack_end);
}

// A file of 4 bytes without what fills its block, and without the end: so umoci's `insert` leaves archives.
TEST_F(ContentStoreTest, AnArchiveWithoutItsEndIsUnpacked) {
  replace_lowest(gzipped("tar --create base | head -c 516 | gzip"));
  const auto pulled = pull();
  ASSERT_TRUE(pulled.has_value()) << pulled.error().message;
  const std::string root = pulled->root;
  EXPECT_EQ(read_file(fs::path(root.substr(root.find(':') + 1)) / "base"), "base");
}

TEST_F(ContentStoreTest, ACompressedFileThatIsCutIsNot) {
  replace_lowest(gzipped("tar --create base | gzip | head -c 60"));
  EXPECT_FALSE(pull().has_value());
  const std::string name = digest_of(layers_[0]).substr(7);
  EXPECT_FALSE(fs::exists(from_.store / "layers" / name));
}

TEST_F(ContentStoreTest, WhatIsThereIsNotPulledAgain) {
  ASSERT_TRUE(pull());
  ASSERT_TRUE(pull());
  EXPECT_EQ(blobs_asked(), 2);
}

TEST_F(ContentStoreTest, AnEmptiedStoreHasNothingButWhatIsKept) {
  ASSERT_TRUE(pull());
  const auto image = parse_image_manifest(manifest_);
  const auto there = empty_store(from_.store, *image, {});
  ASSERT_TRUE(there.has_value());
  EXPECT_EQ(there->layers, 2);
  EXPECT_EQ(there->there, 0);
  const auto kept = empty_store(from_.store, *image, {{image->layers[0].digest, folder_ / "tree"}});
  EXPECT_EQ(kept->there, 1);
  ASSERT_TRUE(pull());
  EXPECT_EQ(blobs_asked(), 2 + 1);
  ASSERT_TRUE(empty_store(from_.store, *image, {}));
  EXPECT_TRUE(fs::exists(folder_ / "tree/base")) << "what is kept elsewhere stays there";
}

TEST_F(ContentStoreTest, ALayerOfOtherBytesIsNotUnpacked) {
  spoilt_ = true;
  const auto pulled = pull();
  ASSERT_FALSE(pulled.has_value());
  EXPECT_TRUE(pulled.error().message.contains("its bytes are others")) << pulled.error().message;
  EXPECT_TRUE(fs::is_empty(from_.store / "layers"));
}

TEST_F(ContentStoreTest, AHostileLayerWritesNowhereElse) {
  ASSERT_TRUE(write_file(folder_ / "outside", "mine"));
  fs::create_directory_symlink(folder_.path(), folder_ / "tree/way");
  replace_lowest(archive({"way", "../outside", (folder_ / "outside").string()}));
  ASSERT_TRUE(write_file(folder_ / "outside", "changed"));
  (void)pull();
  EXPECT_EQ(read_file(folder_ / "outside"), "changed");
}

}  // namespace
}  // namespace lumos
