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

std::optional<ProbePage> read_page(const std::filesystem::path& file) {
  const auto bytes = read_file(file);
  if (!bytes || bytes->size() != sizeof(ProbePage)) return std::nullopt;
  ProbePage page;
  std::memcpy(&page, bytes->data(), sizeof page);
  return page;
}

}  // namespace

Expected<> write_probe_library(const std::filesystem::path& file) {
  return put(file, {lumos_probe_begin, static_cast<std::size_t>(lumos_probe_end - lumos_probe_begin)});
}

Expected<> make_probe_page(const std::filesystem::path& file, bool command) {
  const ProbePage page{.marks = {}, .command = command ? 1 : 0, .end = 0};
  return put(file, {reinterpret_cast<const char*>(&page), sizeof page});
}

std::vector<std::string> probe_environment(const std::filesystem::path& library, const std::filesystem::path& page) {
  return {"LD_PRELOAD=" + library.string(), std::format("{}={}", kProbeVariable, page.string())};
}

std::vector<StepTime> read_probe_page(const std::filesystem::path& file) {
  std::vector<StepTime> steps;
  const auto page = read_page(file);
  if (!page) return steps;
  for (const auto& [step, name] : Names<Step>::kTable) {
    const auto& mark = page->marks[static_cast<std::size_t>(step)];
    // Written in the instance's own process: whatever stands there, it is a number.
    const bool stamped =
        mark.begin > 0 && mark.end >= mark.begin && mark.cpu_begin >= 0 && mark.cpu_end >= mark.cpu_begin;
    if (!stamped) continue;
    steps.push_back(
        {.step = step, .begin_ns = mark.begin, .end_ns = mark.end, .cpu_ns = mark.cpu_end - mark.cpu_begin});
  }
  return steps;
}

std::optional<int> read_command_end(const std::filesystem::path& file) {
  const auto page = read_page(file);
  if (!page || page->end < 1 || page->end > 1 + std::int64_t{UINT32_MAX}) return std::nullopt;
  return static_cast<int>(page->end - 1);
}

}  // namespace lumos
