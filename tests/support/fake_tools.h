// Plays cargo, wasmedge, umoci, tar, dpkg and the C compiler: makes the files that they would make.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "base/file.h"
#include "control/build/builder.h"
#include "control/build/toolchain.h"
#include "tests/support/fake_command_runner.h"
#include "tests/support/temporary_folder.h"

namespace lumos {

/// One function, noop, and a system of two packages: base (minimal) and extra.
class FakeTools {
 public:
  FakeTools() {
    put(folder_ / "functions/noop/main.rs", "fn main() {}");
    put(folder_ / "system/usr/share/base-passwd/passwd.master", "root:*:0:0:\n");
    put(folder_ / "system/usr/share/base-passwd/group.master", "root:*:0:\n");
    put(folder_ / "system/usr/bin/tool", "tool");
    runner.answer = [this](const Command& c) { return play(c); };
  }

  Expected<BuildResult> build(std::vector<ArtefactId> wanted) {
    return build_functions(runner, {.functions = folder_ / "functions",
                                    .home = home(),
                                    .wanted = std::move(wanted),
                                    .progress = {},
                                    .system = folder_ / "system"});
  }
  void edit() { put(folder_ / "functions/noop/main.rs", "fn main() { todo }"); }
  void upgrade_base() { base_version_ = "2"; }
  std::filesystem::path home() const { return folder_ / "home"; }
  std::filesystem::path system() const { return folder_ / "system"; }

  /// How often a tool was called.
  std::ptrdiff_t count(const std::string& tool) const {
    return std::ranges::count_if(runner.commands, [&](const Command& c) { return c.argv[0] == tool; });
  }

  FakeCommandRunner runner;
  std::string broken_tool;
  bool loader_ignores_library = false;

 private:
  static void put(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  static std::string after(const Command& c, const std::string& option) {
    const auto at = std::ranges::find(c.argv, option);
    return at == c.argv.end() || at + 1 == c.argv.end() ? "" : *(at + 1);
  }

  static std::string variable(const Command& c, const std::string& name) {
    for (const auto& entry : c.environment) {
      if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
    }
    return "";
  }

  Expected<CommandResult> play(const Command& c) {
    const std::string& tool = c.argv[0];
    if (tool == broken_tool) return CommandResult{.exit_code = 1, .errors = "no space left"};
    if (tool == "cargo") {
      const std::string target = after(c, "--target"), file = target.starts_with("wasm") ? "noop.wasm" : "noop";
      put(std::filesystem::path(variable(c, "CARGO_TARGET_DIR")) / target / "release" / file,
          target.starts_with("wasm") ? "module" : "binary");
    }
    if (tool == "cc") put(c.argv.back(), "library");
    if (tool == "wasmedge") return compile(c);
    if (tool == "dpkg-query") return CommandResult{.output = dpkg(c)};
    if (tool == "umoci") umoci(c);
    if (tool == "cp") std::filesystem::copy(c.argv[3], c.argv[4], std::filesystem::copy_options::recursive);
    if (tool == "tar" && c.argv[1] == "--extract")
      put(std::filesystem::path(after(c, "--directory")) / "etc/passwd", "root");
    return CommandResult{};
  }

  // As the loader does with the real library: it is loaded, and speaks; or it is not, and the compilation goes on.
  Expected<CommandResult> compile(const Command& c) const {
    put(c.argv.back(), "module with code");
    const bool speaks = !variable(c, "LD_PRELOAD").empty() && !loader_ignores_library;
    return CommandResult{.errors =
                             speaks ? baseline_library_source() : "ERROR: ld.so: object cannot be preloaded: ignored."};
  }

  std::string dpkg(const Command& c) const {
    if (c.argv[1] != "-W") return "Package: base\n";
    if (c.argv[3].contains("db-fsys")) return "base\n /.\n /usr\n /usr/bin\n /usr/bin/tool\n";
    if (c.argv[3].contains("Essential"))
      return "base\t" + base_version_ + "\tyes\trequired\t\t,\nextra\t1\tno\toptional\t\t,base\n";
    return "rustc 1\n";
  }

  static void umoci(const Command& c) {
    if (c.argv[1] == "init") {
      put(std::filesystem::path(c.argv[3]) / "oci-layout", "{}");
      put(std::filesystem::path(c.argv[3]) / "index.json", R"({"manifests":[{"digest":"sha256:d"}]})");
      put(std::filesystem::path(c.argv[3]) / "blobs/sha256/d", "12345");
    }
    const std::string tag = after(c, "--image"), layout = tag.substr(0, tag.rfind(':'));
    if (c.argv[1] == "raw") put(std::filesystem::path(layout) / "blobs/sha256/base", std::string(5000, 'b'));
    if (c.argv[1] == "insert") put(std::filesystem::path(layout) / "blobs/sha256/function", "layer");
    if (c.argv[1] == "unpack") put(std::filesystem::path(c.argv.back()) / "rootfs/function", "binary");
  }

  TemporaryFolder folder_;
  std::string base_version_ = "1";
};

}  // namespace lumos
