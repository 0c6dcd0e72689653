#include "telemetry/process_counters.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

// Recorded on Linux 6.18, with a name that tries to end early.
constexpr const char* kStat =
    "812 (we) 9 (rd) S 1 812 812 0 -1 4194560 1523 77 12 0 4 3 21 9 20 0 1 0 559881 3182592 341 18446744073709551615 1 "
    "1 0 0 0 0 0 "
    "4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

void put(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  ASSERT_TRUE(write_file(path, text).has_value());
}

TEST(ProcessStat, ReadsPastAnyName) {
  const auto stat = parse_process_stat(kStat);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->page_faults_minor, 1523);
  EXPECT_EQ(stat->page_faults_major, 12);
  EXPECT_EQ(stat->reaped_ticks, 30);
  EXPECT_EQ(stat->last_core, 1);
}

TEST(ProcessStat, RefusesWhatIsNone) {
  for (const char* bad : {"", "812", "812 (a", "812 (a) S", "812 (a) S 1 2 3 x 5 6 7 8", ") "}) {
    EXPECT_FALSE(parse_process_stat(bad).has_value()) << bad;
  }
  const std::string whole = kStat;
  for (std::size_t n = 0; n < whole.find(" 17 1 0"); ++n)
    EXPECT_FALSE(parse_process_stat(whole.substr(0, n)).has_value()) << n;
}

TEST(ProcessCounters, ReadsAProcess) {
  const TemporaryFolder proc;
  put(proc / "812/stat", kStat);
  put(proc / "812/status",
      "Name:\tfunction\nThreads:\t2\nCpus_allowed:\tf\nCpus_allowed_list:\t1-3\nvoluntary_ctxt_switches:\t5\n");
  put(proc / "812/task/812/status", "voluntary_ctxt_switches:\t40\nnonvoluntary_ctxt_switches:\t2\n");
  put(proc / "812/task/815/status", "voluntary_ctxt_switches:\t3\nnonvoluntary_ctxt_switches:\t1\n");
  put(proc / "812/smaps_rollup",
      "55e0-7ffd ---p 00000000 00:00 0 [rollup]\nRss:             5000 kB\nPss:              1234 kB\nPss_Dirty: 9 "
      "kB\n");
  put(proc / "812/io", "rchar: 9\nwchar: 8\nread_bytes: 4096\nwrite_bytes: 512\ncancelled_write_bytes: 7\n");
  InstanceCounters counters;
  EXPECT_EQ(read_process(812, counters, proc.path()), "1-3");
  EXPECT_EQ(counters.context_switches_voluntary, 43);
  EXPECT_EQ(counters.context_switches_involuntary, 3);
  EXPECT_EQ(counters.page_faults_minor, 1523);
  EXPECT_EQ(counters.pss_bytes, 1234 * 1024);
  EXPECT_EQ(counters.block_read_bytes, 4096);
  EXPECT_EQ(counters.block_write_bytes, 512);
  EXPECT_EQ(counters.last_core, 1);
}

TEST(ProcessCounters, ItsControlGroupsBlockBytesGoBeforeItsOwn) {
  const TemporaryFolder proc;
  put(proc / "812/io", "read_bytes: 4096\nwrite_bytes: 512\n");
  InstanceCounters counters{.block_read_bytes = 8192};
  (void)read_process(812, counters, proc.path());
  EXPECT_EQ(counters.block_read_bytes, 8192);
  EXPECT_EQ(counters.block_write_bytes, 512);
}

TEST(ProcessCounters, AProcessThatIsGoneIsNotZero) {
  const TemporaryFolder proc;
  InstanceCounters counters;
  EXPECT_EQ(read_process(812, counters, proc.path()), std::nullopt);
  for (const auto& [name, field] : kInstanceCounters) EXPECT_EQ(counters.*field, std::nullopt) << name;
  EXPECT_EQ(reaped_cpu_of(-1), std::nullopt);
}

TEST(ProcessCounters, KnowsWhatThisProcessUsed) {
  const auto before = process_cpu_of(::getpid());
  InstanceCounters counters;
  EXPECT_TRUE(read_process(::getpid(), counters).has_value());
  EXPECT_GT(*counters.pss_bytes, 0);
  EXPECT_GT(*counters.page_faults_minor, 0);
  EXPECT_GT(*process_cpu_of(::getpid()), *before);
}

}  // namespace
}  // namespace lumos
