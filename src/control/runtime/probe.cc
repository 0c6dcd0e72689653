#include "control/runtime/probe.h"

#include <cstring>
#include <format>
#include <fstream>

#include "base/file.h"

// The library itself (probe_library.cc), as built beside this file.
__asm__(
    ".pushsection .rodata\n"
    ".global lumos_probe_begin\nlumos_probe_begin:\n"
    ".incbin \"" LUMOS_PROBE_LIBRARY
    "\"\n"
    ".global lumos_probe_end\nlumos_probe_end:\n"
    ".popsection\n");
extern "C" const char lumos_probe_begin[], lumos_probe_end[];

namespace lumos {
namespace {

// Not flushed to a disk, which it does not lie on.
Expected<> put(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush();
  if (!stream) return fail_errno(file.string());
  return {};
}

}  // namespace

Expected<> write_probe_library(const std::filesystem::path& file) {
  return put(file, {lumos_probe_begin, static_cast<std::size_t>(lumos_probe_end - lumos_probe_begin)});
}

Expected<> make_probe_page(const std::filesystem::path& file) {
  return put(file, std::string(sizeof(ProbePage), '\0'));
}

std::vector<std::string> probe_environment(const std::filesystem::path& library, const std::filesystem::path& page) {
  return {"LD_PRELOAD=" + library.string(), std::format("{}={}", kProbeVariable, page.string())};
}

std::vector<StepTime> read_probe_page(const std::filesystem::path& file) {
  std::vector<StepTime> steps;
  const auto bytes = read_file(file);
  if (!bytes || bytes->size() != sizeof(ProbePage)) return steps;
  ProbePage page;
  std::memcpy(&page, bytes->data(), sizeof page);
  for (const auto& [step, name] : Names<Step>::kTable) {
    const auto& mark = page.marks[static_cast<std::size_t>(step)];
    // Written in the instance's own process: whatever stands there, it is a number.
    const bool stamped =
        mark.begin > 0 && mark.end >= mark.begin && mark.cpu_begin >= 0 && mark.cpu_end >= mark.cpu_begin;
    if (!stamped) continue;
    steps.push_back(
        {.step = step, .begin_ns = mark.begin, .end_ns = mark.end, .cpu_ns = mark.cpu_end - mark.cpu_begin});
  }
  return steps;
}

}  // namespace lumos
