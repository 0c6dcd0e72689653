#include "control/build/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

/// One entry of a tar archive, with a name that no archiver would write.
struct Entry {
  std::string name;
  char type = '0';  // file; '1' hard link, '2' symbolic link, '3' character device
  std::string link, content;
  unsigned mode = 0644;
};

// The ustar format (POSIX pax): a header of 512 bytes, then the content in blocks of 512.
std::string tar_of(const std::vector<Entry>& entries) {
  std::string archive;
  for (const Entry& entry : entries) {
    std::string header(512, '\0');
    const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
    put(0, entry.name);
    put(100, std::format("{:07o}", entry.mode));
    for (const std::size_t owner : {108U, 116U}) put(owner, "0000000");
    put(124, std::format("{:011o}", entry.content.size()));
    put(136, "00000000000");
    put(148, "        ");
    header[156] = entry.type;
    put(157, entry.link);
    put(257, std::string("ustar\0"
                         "00",
                         8));
    put(329, "0000001");  // of a device: 1, 5
    put(337, "0000005");
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put(148, std::format("{:06o}", sum) + '\0');
    archive += header + entry.content;
    archive.resize((archive.size() + 511) / 512 * 512);
  }
  return archive + std::string(1024, '\0');
}

/// Before an image is unpacked it gets one more layer.
class HostileRunner final : public CommandRunner {
 public:
  HostileRunner(fs::path layer, const std::vector<Entry>& entries) : layer_(std::move(layer)) {
    std::ofstream(layer_, std::ios::binary) << tar_of(entries);
  }

  Expected<CommandResult> run(const Command& command) override {
    if (command.argv[0] == "umoci" && command.argv[1] == "unpack") {
      LUMOS_TRY(run_checked(
          real_, {.argv = {"umoci", "raw", "add-layer", "--no-history", "--image", command.argv[3], layer_.string()}}));
      ++added_;
    }
    return real_.run(command);
  }

  int added() const { return added_; }

 private:
  SystemCommandRunner real_;
  fs::path layer_;
  int added_ = 0;
};

class HostileLayer : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(outside());
    ASSERT_TRUE(write_file(secret(), "of the host").has_value());
    ASSERT_TRUE(write_file(folder_ / "function", "#!").has_value());
  }

  fs::path outside() const { return folder_ / "outside"; }
  fs::path secret() const { return outside() / "secret"; }
  fs::path root() const { return folder_ / "artefact" / "bundle" / "rootfs"; }

  // Whatever umoci makes of it: nothing but the secret is outside, as it was, and nobody has a link to it.
  void unpack(const std::vector<Entry>& entries) {
    fs::remove_all(folder_ / "artefact");
    HostileRunner runner(folder_ / "layer.tar", entries);
    const auto image = make_image(runner, folder_ / "artefact", folder_ / "function", "/function", false);
    EXPECT_EQ(runner.added(), 1);
    if (!image) {
      EXPECT_EQ(image.error().code, ErrorCode::kEnvironment);
      EXPECT_THAT(image.error().message, testing::HasSubstr("umoci"));
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(outside()), fs::directory_iterator{}), 1);
    EXPECT_EQ(read_file(secret()).value_or(""), "of the host");
    EXPECT_EQ(fs::hard_link_count(secret()), 1u);
    struct stat status{};
    ASSERT_EQ(::stat(secret().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0644u);
  }

  std::string up(const fs::path& path) const {
    std::string text;
    for (int i = 0; i < 12; ++i) text += "../";
    return text + path.relative_path().string();
  }

  TemporaryFolder folder_;
};

TEST_F(HostileLayer, NamesThatLeadUpStayInside) { unpack({{.name = up(outside() / "a"), .content = "x"}}); }

TEST_F(HostileLayer, AbsoluteNamesStayInside) {
  unpack({{.name = (outside() / "a").string(), .content = "x"}});
  EXPECT_TRUE(fs::exists(root() / outside().relative_path() / "a")) << "it was unpacked, and inside";
}

TEST_F(HostileLayer, FilesBehindALinkToTheHostStayInside) {
  unpack({{.name = "door", .type = '2', .link = outside().string()}, {.name = "door/a", .content = "x"}});
  unpack({{.name = "door", .type = '2', .link = up(outside())}, {.name = "door/a", .content = "x"}});
}

TEST_F(HostileLayer, AFileOverALinkToTheHostReplacesTheLink) {
  unpack({{.name = "a", .type = '2', .link = secret().string()}, {.name = "a", .content = "overwritten"}});
}

TEST_F(HostileLayer, HardLinksToTheHostAreNotMade) {
  unpack({{.name = "a", .type = '1', .link = secret().string()}});
  unpack({{.name = "a", .type = '1', .link = up(secret())}});
}

TEST_F(HostileLayer, RightsOfALinksTargetAreNotChanged) {
  unpack({{.name = "a", .type = '2', .link = secret().string(), .mode = 06777}});
}

// They do no harm where they lie: the overlay that instances see has neither devices nor setuid (host/process.h).
TEST_F(HostileLayer, DevicesAndSetuidFilesAreUnpackedAsTheyAre) {
  unpack({{.name = "zero", .type = '3', .mode = 0666}, {.name = "root", .content = "#!", .mode = 06755}});
  EXPECT_TRUE(fs::is_character_file(root() / "zero"));
}

TEST(Image, ALayoutWithoutAnImageIsRefused) {
  const TemporaryFolder folder;
  for (const char* index :
       {"", "[]", "5", "{}", R"({"manifests":5})", R"({"manifests":[]})", R"({"manifests":[{"digest":5}]})"}) {
    ASSERT_TRUE(write_file(folder / "index.json", index).has_value());
    const auto image = read_image(folder.path());
    ASSERT_FALSE(image.has_value()) << index;
    EXPECT_EQ(image.error().code, ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace lumos
