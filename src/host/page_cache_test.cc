#include "host/page_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <format>

#include "base/fd.h"
#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPages = 40;

/// A file of 40 pages, the last one not full; below the build folder, as /tmp may be the page cache itself.
class PageCache : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_file(file_, std::string(kPages * 4096 - 100, 'x')));
    struct statfs system{};
    ASSERT_EQ(::statfs(file_.c_str(), &system), 0);
    if (system.f_type == 0x01021994) GTEST_SKIP() << fs::current_path() << " is a tmpfs, which nothing is dropped from";
  }
  void TearDown() override { fs::remove(file_); }

  CacheReading bring(CacheState state) { return bring_into(state, std::array{file_}); }

  fs::path file_ = fs::current_path() / std::format("page_cache_test.{}", ::getpid());
};

TEST_F(PageCache, DropsEveryPageAndBringsEveryPageBack) {
  for (int i = 0; i < 2; ++i) {
    const CacheReading on_disk = bring(CacheState::kDisk);
    EXPECT_EQ(on_disk.sum.pages, kPages);
    EXPECT_EQ(on_disk.sum.cached, 0);
    EXPECT_EQ(on_disk.exception, "");
    EXPECT_EQ(cached_pages(file_)->cached, 0) << "looking brings nothing in";
    const CacheReading in_memory = bring(CacheState::kMemory);
    EXPECT_EQ(in_memory.sum.cached, kPages);
    EXPECT_EQ(in_memory.exception, "");
  }
}

TEST_F(PageCache, AMappedPageStaysAndItsFileIsTheException) {
  const Fd fd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  bring(CacheState::kMemory);
  void* mapped = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED | MAP_POPULATE, fd.get(), 0);
  ASSERT_NE(mapped, MAP_FAILED);
  const CacheReading held = bring(CacheState::kDisk);
  EXPECT_GE(held.sum.cached, 1);
  EXPECT_EQ(held.exception, file_.string());
  const CacheReading beside = bring_into(CacheState::kDisk, std::array{fs::path("/proc/self/exe"), file_});
  EXPECT_EQ(beside.exception, "/proc/self/exe") << "of which more pages stayed";
  ::munmap(mapped, 4096);
  EXPECT_EQ(bring(CacheState::kDisk).sum.cached, 0);
}

TEST(PageCacheOfNothing, AMissingFileIsTheExceptionAndAnEmptyOneIsInBothStates) {
  const TemporaryFolder folder;
  EXPECT_EQ(cached_pages(folder / "none"), std::nullopt);
  EXPECT_EQ(bring_into(CacheState::kMemory, std::array{folder / "none"}).exception, (folder / "none").string());
  ASSERT_TRUE(write_file(folder / "empty", ""));
  for (const auto state : {CacheState::kMemory, CacheState::kDisk})
    EXPECT_EQ(bring_into(state, std::array{folder / "empty"}).exception, "");
}

}  // namespace
}  // namespace lumos
