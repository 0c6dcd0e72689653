// The library that is loaded into crun for a probed start (probe.h). crun asks the loader for WasmEdge by dlopen, for
// its functions by dlsym, and has one of them load, validate, instantiate and run the module. This library stands
// before the loader's two functions: it stamps the first, and gives in place of that one function its own, which calls
// WasmEdge's functions for the four parts in turn. A command's process it keeps when the command has ended. Nothing of
// the C++ runtime library, no allocation, no system call but that of the thread's CPU clock and those of that end: the
// later ones are made under the container's seccomp filter.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#include "control/runtime/probe.h"

namespace {

using lumos::ProbePage;
using lumos::Step;

// As in wasmedge.h of 0.14.
struct Result {
  std::uint32_t code;
};
struct String {
  std::uint32_t length;
  const char* text;
};
using Run = Result (*)(void* vm, const char* path, String function, const void* parameters, std::uint32_t count,
                       void* results, std::uint32_t result_count);
using Load = Result (*)(void* vm, const char* path);
using Prepare = Result (*)(void* vm);
using Execute = Result (*)(void* vm, String function, const void* parameters, std::uint32_t count, void* results,
                           std::uint32_t result_count);
using Ok = bool (*)(Result);
using HostModule = void* (*)(const void* vm, int registration);
using ExitCode = std::uint32_t (*)(const void* module);

ProbePage* page = nullptr;  // none: nothing is stamped
void* (*real_dlopen)(const char*, int) = nullptr;
void* (*real_dlsym)(void*, const char*) = nullptr;
void* engine = nullptr;  // the handle that crun has

std::int64_t now(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

ProbePage::Mark& mark_of(Step step) { return page->marks[static_cast<std::size_t>(step)]; }

void begin(Step step) {
  if (page == nullptr) return;
  mark_of(step).cpu_begin = now(CLOCK_THREAD_CPUTIME_ID);
  mark_of(step).begin = now(CLOCK_MONOTONIC);
}

void end(Step step) {
  if (page == nullptr) return;
  mark_of(step).end = now(CLOCK_MONOTONIC);
  mark_of(step).cpu_end = now(CLOCK_THREAD_CPUTIME_ID);
}

template <typename F>
F function_of_engine(const char* name) {
  return reinterpret_cast<F>(real_dlsym(engine, name));
}

// The end of a command: its exit code, which crun does not ask for, and the end of its output. The process is looked
// at and killed later, as a server's.
[[noreturn]] void stay(void* vm) {
  constexpr int kWasi = 0;
  const auto module_of = function_of_engine<HostModule>("WasmEdge_VMGetImportModuleContext");
  const auto exit_code = function_of_engine<ExitCode>("WasmEdge_ModuleInstanceWASIGetExitCode");
  __atomic_store_n(&page->end, 1 + std::int64_t{exit_code(module_of(vm, kWasi))}, __ATOMIC_RELEASE);
  ::close(STDOUT_FILENO);
  for (;;) ::pause();
}

Result load_validate_instantiate_run(void* vm, const char* path, String function, const void* parameters,
                                     std::uint32_t count, void* results, std::uint32_t result_count) {
  end(Step::kEngine);
  const auto load = function_of_engine<Load>("WasmEdge_VMLoadWasmFromFile");
  const auto validate = function_of_engine<Prepare>("WasmEdge_VMValidate");
  const auto instantiate = function_of_engine<Prepare>("WasmEdge_VMInstantiate");
  const auto execute = function_of_engine<Execute>("WasmEdge_VMExecute");
  const auto ok = function_of_engine<Ok>("WasmEdge_ResultOK");
  begin(Step::kLoad);
  Result result = load(vm, path);
  end(Step::kLoad);
  if (!ok(result)) return result;
  begin(Step::kValidate);
  result = validate(vm);
  end(Step::kValidate);
  if (!ok(result)) return result;
  begin(Step::kInstantiate);
  result = instantiate(vm);
  end(Step::kInstantiate);
  if (!ok(result)) return result;
  result = execute(vm, function, parameters, count, results, result_count);
  if (page != nullptr && page->command != 0 && ok(result)) stay(vm);
  return result;
}

// Mapped shared, so that the page outlives fork, closed descriptors and a changed root.
__attribute__((constructor)) void prepare() {
  real_dlsym = reinterpret_cast<decltype(real_dlsym)>(::dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34"));
  real_dlopen = reinterpret_cast<decltype(real_dlopen)>(::dlvsym(RTLD_NEXT, "dlopen", "GLIBC_2.34"));
  const char* file = std::getenv(lumos::kProbeVariable);
  const int fd = file == nullptr ? -1 : ::open(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* mapped = ::mmap(nullptr, sizeof(ProbePage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) page = static_cast<ProbePage*>(mapped);
  ::close(fd);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void* dlopen(const char* file, int mode) noexcept {
  if (file == nullptr || std::strstr(file, "libwasmedge") == nullptr) return real_dlopen(file, mode);
  begin(Step::kLibraries);
  engine = real_dlopen(file, mode);
  end(Step::kLibraries);
  return engine;
}

extern "C" __attribute__((visibility("default"))) void* dlsym(void* handle, const char* name) noexcept {
  void* found = real_dlsym(handle, name);
  if (engine == nullptr || handle != engine || found == nullptr) return found;
  if (page != nullptr && mark_of(Step::kEngine).begin == 0) begin(Step::kEngine);
  if (std::strcmp(name, "WasmEdge_VMRunWasmFromFile") != 0) return found;
  const Run ours = load_validate_instantiate_run;
  return reinterpret_cast<void*>(ours);
}
