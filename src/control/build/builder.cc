#include "control/build/builder.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/file.h"
#include "control/build/image.h"
#include "control/build/language.h"
#include "control/build/toolchain.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

// Bumped when what is made of the same sources changes.
constexpr const char* kRecipe = "recipe 6";

double seconds_since(std::int64_t begin_ns) {
  return std::round(static_cast<double>(monotonic_ns() - begin_ns) / 1e6) / 1e3;
}

// Sources, recipe and tool versions: what the artefacts are a function of.
Expected<std::string> content_key(CommandRunner& runner, const fs::path& functions) {
  const auto tools = LUMOS_TRY(run_checked(runner, {.argv = {"dpkg-query",
                                                             "-W",
                                                             "-f",
                                                             "${Package} ${Version}\n",
                                                             "cargo",
                                                             "rustc",
                                                             "libstd-rust-dev",
                                                             "libstd-rust-dev-wasm32",
                                                             "libc6-dev",
                                                             "gcc",
                                                             "binutils",
                                                             "lld-19",
                                                             "clang-19",
                                                             "g++",
                                                             "libc++-19-dev-wasm32",
                                                             "libclang-rt-19-dev-wasm32",
                                                             "wasi-libc",
                                                             "nlohmann-json3-dev",
                                                             "wasmedge",
                                                             "libwasmedge0",
                                                             "libllvm19",
                                                             "umoci"}}));
  return sha256(LUMOS_TRY(sha256_of_tree(functions, "target")) + tools.output + kRecipe).substr(0, 16);
}

// What tells this machine's processor from another, as far as code for it may differ.
std::string processor_key() {
  const std::string text = read_file("/proc/cpuinfo").value_or("");
  std::set<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    for (const char* name : {"vendor_id", "cpu family", "model", "flags", "Features", "CPU "}) {
      if (line.starts_with(name)) lines.insert(line);
    }
    at = end + 1;
  }
  std::string all;
  for (const auto& line : lines) all += line + '\n';
  return sha256(all).substr(0, 8);
}

struct Compiled {
  fs::path file;
  double seconds = 0;
};

class Builder {
 public:
  Builder(CommandRunner& runner, const BuildRequest& request, const std::optional<BaseImage>& base, int artefacts)
      : runner_(runner), request_(request), base_(base), total_(2 * artefacts) {}

  Expected<> make(const ArtefactId& id, const fs::path& folder) {
    std::error_code error;
    fs::remove_all(folder, error);  // half made: a build was killed
    fs::create_directories(folder, error);
    if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
    Artefact a{.id = id, .folder = folder};
    step(std::format("{}: compiling", label_of(id)));
    a.build_seconds = LUMOS_TRY(id.kind == ArtefactKind::kAot ? ahead_of_time(a) : copied(a));
    step(std::format("{}: its image", label_of(id)));
    const std::string content = LUMOS_TRY(read_file(a.file()));
    const std::int64_t begin = monotonic_ns();
    const BaseImage* base = id.variant.base == Base::kDebianSlim ? &*base_ : nullptr;
    const Image image =
        LUMOS_TRY(make_image(runner_, folder, a.file(), a.argv()[0], id.kind != ArtefactKind::kNative, base));
    a.build_seconds += seconds_since(begin);
    a.bytes = static_cast<std::int64_t>(fs::file_size(a.file()));
    a.file_digest = sha256(content);
    a.digest = image.digest;
    a.image_bytes = image.bytes;
    a.unique_bytes = image.bytes - (base == nullptr ? 0 : base->layer_bytes);
    a.unpacked_bytes = bytes_below(a.root());
    return write_file(folder / "artefact.json", to_json(a).dump(2) + "\n");  // last: makes the folder whole
  }

 private:
  Workspace workspace() const { return {request_.functions, request_.home}; }

  void step(const std::string& what) {
    if (request_.progress) request_.progress(what, done_, total_);
    ++done_;
  }

  // Compiles once for all artefacts that come from the same compilation. What functions share is compiled before the
  // time is taken.
  Expected<Compiled> compiled(const ArtefactId& id) {
    if (const auto module = request_.modules.find(id.function); module != request_.modules.end())
      return Compiled{module->second, 0};
    const Language& language = language_of(workspace(), id.function);
    const fs::path output = language.output(workspace(), id);
    if (const auto known = compiled_.find(output); known != compiled_.end()) return known->second;
    for (const Command& command : language.prepare(workspace(), id)) LUMOS_TRY(run_checked(runner_, command));
    const std::int64_t begin = monotonic_ns();
    LUMOS_TRY(run_checked(runner_, language.compile(workspace(), id)));
    return compiled_[output] = {output, seconds_since(begin)};
  }

  // A copy of what cargo made, so that the next build may overwrite its own.
  Expected<double> copied(const Artefact& a) {
    const Compiled made = LUMOS_TRY(compiled(a.id));
    std::error_code error;
    fs::copy_file(made.file, a.file(), fs::copy_options::overwrite_existing, error);
    if (error) return fail(ErrorCode::kEnvironment, "{}: {}", made.file.string(), error.message());
    return made.seconds;
  }

  Expected<double> ahead_of_time(const Artefact& a) {
    const Compiled module = LUMOS_TRY(compiled(a.id));
    const bool baseline = a.id.variant.isa != Isa::kNative;
    if (baseline && library_.empty()) library_ = LUMOS_TRY(baseline_library());
    const std::int64_t begin = monotonic_ns();
    const auto result = LUMOS_TRY(run_checked(runner_, aot_command(a.id, library_, module.file, a.file())));
    if (baseline && !baseline_took_effect(result)) {
      return fail(ErrorCode::kEnvironment,
                  "wasmedge compile: {} was not loaded, so the code would be for this processor alone",
                  library_.string());
    }
    return module.seconds + seconds_since(begin);
  }

  Expected<fs::path> baseline_library() {
    const fs::path folder = request_.home / "build" / "functions";
    fs::path library = folder / "baseline.so";
    std::error_code error;
    fs::create_directories(folder, error);
    LUMOS_TRY(run_checked(runner_, {.argv = {"cc", "-shared", "-fPIC", "-O1", "-x", "c", "-", "-o", library.string()},
                                    .input = baseline_library_source()}));
    return library;
  }

  CommandRunner& runner_;
  const BuildRequest& request_;
  const std::optional<BaseImage>& base_;
  std::map<fs::path, Compiled> compiled_;  // by the compiler's output
  fs::path library_;
  int done_ = 0, total_ = 0;
};

// What an artefact depends on beside sources and tools.
std::string stamp_of(const ArtefactId& id, const std::string& base_key, const std::string& module_key) {
  const std::string base = id.variant.base == Base::kDebianSlim ? base_key.substr(0, 8) : "";
  const std::string processor = id.variant.isa == Isa::kNative ? processor_key() : "";
  std::string stamp;
  for (const auto& part : {base, processor, module_key}) stamp += part.empty() ? "" : "." + part;
  return stamp;
}

// Of the modules that are there already: their content.
Expected<std::map<std::string, std::string>> module_keys(const BuildRequest& request) {
  std::map<std::string, std::string> keys;
  for (const auto& [function, module] : request.modules)
    keys[function] = sha256(LUMOS_TRY(read_file(module, 256 << 20))).substr(0, 8);
  return keys;
}

}  // namespace

Expected<BuildResult> build_functions(CommandRunner& runner, const BuildRequest& asked) {
  BuildRequest request = asked;
  std::error_code error;
  fs::create_directories(request.home, error);
  for (fs::path* path : {&request.functions, &request.home}) *path = fs::canonical(*path, error);  // as cargo sees them
  if (error)
    return fail(ErrorCode::kEnvironment, "{}, {}: {}", asked.functions.string(), asked.home.string(), error.message());
  BuildResult result{.key = LUMOS_TRY(content_key(runner, request.functions))};
  const fs::path all = request.home / "artefacts";
  const Fd lock = LUMOS_TRY(lock_file(all / ".lock"));
  const std::set<ArtefactId> wanted(request.wanted.begin(), request.wanted.end());
  if (std::ranges::any_of(wanted, [](const ArtefactId& id) { return id.variant.base == Base::kDebianSlim; })) {
    const BaseRecipe recipe = LUMOS_TRY(debian_slim_recipe(runner));
    result.base = LUMOS_TRY(make_debian_slim(runner, recipe, request.home, request.system));
  }
  std::vector<std::pair<ArtefactId, fs::path>> places, missing;
  auto modules = LUMOS_TRY(module_keys(request));
  for (const auto& id : wanted) {
    const std::string stamp = stamp_of(id, result.base ? result.base->key : "", modules[id.function]);
    places.emplace_back(id, all / result.key / (label_of(id) + stamp));
    if (!fs::exists(places.back().second / "artefact.json")) missing.push_back(places.back());
  }
  Builder builder(runner, request, result.base, static_cast<int>(missing.size()));
  for (const auto& [id, folder] : missing) LUMOS_TRY(builder.make(id, folder));
  for (const auto& [id, folder] : places) {
    const std::string text = LUMOS_TRY(read_file(folder / "artefact.json"));
    result.artefacts.push_back(LUMOS_TRY(artefact_from_json(text, folder)));
  }
  result.built = !missing.empty();
  return result;
}

}  // namespace lumos
