#include "telemetry/process_maps.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace lumos {
namespace {

TEST(ProcessMaps, CountsOnlyAnonymousExecutableMappings) {
  EXPECT_EQ(anonymous_code_bytes("7f11a000-7f11c000 r-xp 00000000 00:00 0 \n"
                                 "7f11c000-7f11d000 r--p 00000000 00:00 0 \n"
                                 "7f11d000-7f11e000 r-xp 00001000 fe:00 77  /usr/lib/libLLVM.so\n"
                                 "7ffd0000-7ffd2000 r-xp 00000000 00:00 0  [vdso]\n"
                                 "garbage r-xp 00000000 00:00 0\n"),
            0x2000);
}

TEST(ProcessMaps, SeesCodeThatThisProcessMakes) {
  const auto before = anonymous_code_bytes(::getpid());
  void* code = ::mmap(nullptr, 8192, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(code, MAP_FAILED);
  EXPECT_EQ(*anonymous_code_bytes(::getpid()), *before + 8192);
  ::munmap(code, 8192);
}

TEST(ProcessMaps, NamesTheFilesThatAreMapped) {
  EXPECT_EQ(mapped_files("7f11a000-7f11b000 r--p 00000000 fe:00 77                     /usr/lib/lib a.so\n"
                         "7f11b000-7f11c000 r-xp 00001000 fe:00 77                     /usr/lib/lib a.so\n"
                         "7f11c000-7f11d000 rw-p 00000000 00:00 0 \n"
                         "7ffd0000-7ffd2000 r-xp 00000000 00:00 0  [vdso]\n"
                         "7ffe0000-7ffe2000 r--s 00000000 00:05 9 /memfd:x (deleted)"),
            (std::set<std::filesystem::path>{"/usr/lib/lib a.so", "/memfd:x (deleted)"}));
  EXPECT_TRUE(mapped_files(::getpid()).contains(std::filesystem::canonical("/proc/self/exe")));
  EXPECT_TRUE(mapped_files(pid_t{-1}).empty());
}

TEST(ProcessMaps, AProcessThatIsGoneIsNotZero) { EXPECT_EQ(anonymous_code_bytes(pid_t{-1}), std::nullopt); }

}  // namespace
}  // namespace lumos
