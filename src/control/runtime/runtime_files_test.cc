#include "control/runtime/runtime_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/runtime/registry.h"
#include "tests/support/fake_command_runner.h"

namespace lumos {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(LoaderTrace, HasThePathsOfWhatIsMapped) {
  EXPECT_THAT(parse_loader_trace("\tlinux-vdso.so.1 (0x00007f7e09a15000)\n"
                                 "\tlibcap.so.2 => /lib/x86_64-linux-gnu/libcap.so.2 (0x00007f7e09822000)\n"
                                 "\tlibodd.so => /opt/an odd (0x1) place/libodd.so (0x00007f7e09822000)\n"
                                 "\tlibnone.so.1 => not found\n"
                                 "\t/lib64/ld-linux-x86-64.so.2 (0x00007f7e09a17000)\n"),
              ElementsAre("/lib/x86_64-linux-gnu/libcap.so.2", "/opt/an odd (0x1) place/libodd.so", "libnone.so.1",
                          "/lib64/ld-linux-x86-64.so.2"));
  EXPECT_THAT(parse_loader_trace(""), IsEmpty());
  EXPECT_THAT(parse_loader_trace("usage: prog\n\n\t\n => "), IsEmpty());
}

// The loader is asked about this very program, and about a library that it has not.
TEST(RuntimeFiles, WhatThisProcessHasMappedIsShared) {
  SystemCommandRunner runner;
  const std::string self = std::filesystem::canonical("/proc/self/exe");
  const auto files = runtime_files(runner, {.program = self});
  ASSERT_TRUE(files.has_value()) << files.error().message;
  EXPECT_THAT(files->own, IsEmpty());
  EXPECT_THAT(files->shared, Contains(self));
  EXPECT_GE(files->shared.size(), 4u);
}

TEST(RuntimeFiles, AMissingLibraryIsNamed) {
  SystemCommandRunner runner;
  const auto files = runtime_files(runner, {.program = "/no/such/program"});
  ASSERT_FALSE(files.has_value());
  EXPECT_THAT(files.error().message, testing::HasSubstr("/no/such/program"));
}

TEST(RuntimeFiles, ARuntimeThatIsLumosItselfHasNone) {
  FakeCommandRunner runner;
  const auto files = runtime_files(runner, {});
  ASSERT_TRUE(files.has_value());
  EXPECT_THAT(files->own, IsEmpty());
  EXPECT_THAT(runner.commands, IsEmpty());
}

}  // namespace
}  // namespace lumos
