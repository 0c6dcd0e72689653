#include "control/build/obstacles.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/fd.h"
#include "base/file.h"
#include "control/build/obstacle_signs.h"
#include "workload/wasm_imports.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 50'000, kLargestSource = 1 << 20, kLargestBinary = 512 << 20;
constexpr std::size_t kTopics = 5;
constexpr std::string_view kManifests[] = {"Cargo.toml", "requirements.txt", "pyproject.toml", "package.json",
                                           "go.mod"};
// What is built or fetched, and no source of the program; beside them only names of files are looked at.
constexpr std::string_view kPassedOver[] = {".git", "target", "node_modules", ".venv", "venv", "build", "__pycache__"};

std::string_view trimmed(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line;
}

// As far as one line tells.
bool is_comment(std::string_view line, Place place) {
  line = trimmed(line);
  if (place == Place::kPython || place == Place::kManifest) return line.starts_with('#');
  return line.starts_with("//") || line.starts_with("* ") || line.starts_with("/*");
}

template <typename F>
void for_each_line(std::string_view text, const F& f) {
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    f(number, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// What is found, and which topics were really looked at.
class Tally {
 public:
  void add(Topic topic, Verdict verdict, std::string_view why, std::string where) {
    Obstacle& o = obstacles_.at(static_cast<std::size_t>(topic));
    if (o.evidence.empty() || verdict > o.verdict) {  // the worst says why, and is named first
      o.verdict = verdict;
      o.reason = why;
      o.evidence.insert(o.evidence.begin(), std::move(where));
    } else if (!std::ranges::contains(o.evidence, where)) {
      o.evidence.push_back(std::move(where));
    }
    if (o.evidence.size() > kMostEvidence) o.evidence.resize(kMostEvidence);
  }

  void add(Place place, std::string_view text, const std::string& where) {
    for (const Sign& sign : signs()) {
      if (sign.place == place && matches(place, text, sign.text))
        add(sign.topic, sign.verdict, sign.why, where + (where.empty() ? "" : ": ") + std::string(sign.text));
    }
  }

  // Topics without a sign are said to be this.
  std::vector<Obstacle> end(Verdict rest, const std::string& reason) {
    for (std::size_t i = 0; i < obstacles_.size(); ++i) {
      Obstacle& o = obstacles_[i];
      o.topic = static_cast<Topic>(i);
      if (o.evidence.empty() && o.reason.empty()) o = {o.topic, rest, reason, {}};
    }
    return {obstacles_.begin(), obstacles_.end()};
  }

  void say(Topic topic, Verdict verdict, std::string reason) {
    obstacles_.at(static_cast<std::size_t>(topic)) = {topic, verdict, std::move(reason), {}};
  }

 private:
  static bool matches(Place place, std::string_view text, std::string_view sign) {
    switch (place) {
      case Place::kCrate:
      case Place::kSymbol:
        return text == sign;
      case Place::kLibrary:
        return text.starts_with(sign);
      case Place::kFile:
        return text.ends_with(sign);
      default:
        return text.contains(sign);
    }
  }

  std::array<Obstacle, kTopics> obstacles_;
};

// --- sources

const SourceLanguage* language_of_file(const std::string& extension) {
  for (const auto& language : source_languages()) {
    for (std::string_view list = language.extensions; !list.empty();) {
      const std::string_view one = list.substr(0, list.find(' '));
      if (!extension.empty() && one == extension) return &language;
      list.remove_prefix(std::min(one.size() + 1, list.size()));
    }
  }
  return nullptr;
}

class Sources {
 public:
  explicit Sources(fs::path root) : root_(std::move(root)) {}

  Expected<std::vector<Obstacle>> look() {
    LUMOS_TRY(walk());
    if (files_.empty()) {
      tally_.say(Topic::kLanguage, Verdict::kUnknown, "no source of a language that is known here");
      return tally_.end(Verdict::kUnknown, "nothing was read that would tell");
    }
    // The language with most lines is the program's; others are named when they stand in the way.
    const auto main = std::ranges::max_element(files_, {}, [](const auto& f) { return f.second.lines; });
    const SourceLanguage& language = *main->first;
    tally_.add(Topic::kLanguage, language.verdict, std::format("{}: {}", language.name, language.why),
               std::format("{} files, {} lines, first {}", main->second.count, main->second.lines, main->second.first));
    const std::string reason = "no sign of it in the sources and in what they declare";
    return tally_.end(
        unread_ > 0 ? Verdict::kUnknown : Verdict::kOk,
        unread_ == 0 ? reason : std::format("no sign of it, but {} files were too large to read", unread_));
  }

 private:
  struct Read {
    std::int64_t count = 0, lines = 0;
    std::string first;
  };

  Expected<> walk() {
    std::error_code error;
    std::set<fs::path> paths;  // in an order that does not depend on the file system
    for (auto it = fs::recursive_directory_iterator(root_, error); !error && it != fs::end(it); it.increment(error)) {
      std::error_code ignored;
      if (it->is_symlink(ignored)) {
        it.disable_recursion_pending();
        continue;
      }
      if (it->is_directory(ignored) && it->path().filename() == ".git") it.disable_recursion_pending();
      if (it->is_regular_file(ignored)) paths.insert(it->path());
      if (paths.size() > kMostFiles)
        return fail(ErrorCode::kUsage, "{}: more than {} files; name the folder of the program alone", root_.string(),
                    kMostFiles);
    }
    if (error) return fail(ErrorCode::kUsage, "{}: {}", root_.string(), error.message());
    for (const auto& path : paths) look_at(path);
    return {};
  }

  void look_at(const fs::path& path) {
    const fs::path inside = path.lexically_relative(root_);
    const std::string name = path.filename().string();
    const bool fetched = std::ranges::any_of(
        inside, [](const fs::path& part) { return std::ranges::contains(kPassedOver, part.string()); });
    const bool built = fetched && *inside.begin() == "target";
    if (!built) tally_.add(Place::kFile, name, inside.parent_path().empty() ? "" : inside.parent_path().string());
    if (fetched) return;
    if (name == "Cargo.lock") return read_lock(path, inside);
    if (std::ranges::contains(kManifests, name)) {
      read_lines(path, inside, Place::kManifest);
      return;
    }
    const SourceLanguage* language = language_of_file(path.extension().string());
    if (language == nullptr) return;
    Read& read = files_[language];
    if (read.count++ == 0) read.first = inside.string();
    read.lines += read_lines(path, inside, language->place);
  }

  std::int64_t read_lines(const fs::path& path, const fs::path& inside, Place place) {
    const auto text = read_file(path, kLargestSource);
    if (!text) return ++unread_, 0;
    std::int64_t lines = 0;
    for_each_line(*text, [&](int number, std::string_view line) {
      ++lines;
      if (!is_comment(line, place)) tally_.add(place, line, std::format("{}:{}", inside.string(), number));
    });
    return lines;
  }

  void read_lock(const fs::path& path, const fs::path& inside) {
    const auto text = read_file(path, 16 << 20);
    if (!text) return void(++unread_);
    constexpr std::string_view kName = "name = \"";
    for_each_line(*text, [&](int number, std::string_view line) {
      if (line.starts_with(kName) && line.ends_with('"'))
        tally_.add(Place::kCrate, line.substr(kName.size(), line.size() - kName.size() - 1),
                   std::format("{}:{}", inside.string(), number));
    });
  }

  fs::path root_;
  Tally tally_;
  std::map<const SourceLanguage*, Read> files_;
  std::int64_t unread_ = 0;
};

// --- binaries

// From readelf of GNU binutils: undefined symbols and needed libraries.
struct Linked {
  std::vector<std::string> symbols, libraries;
  bool dynamic = false;
};

Linked parse_readelf(std::string_view text) {
  Linked linked;
  for_each_line(text, [&](int, std::string_view line) {
    if (const std::size_t at = line.find("Shared library: ["); at != std::string_view::npos) {
      linked.dynamic = true;
      const std::string_view name = line.substr(at + 17);
      linked.libraries.emplace_back(name.substr(0, name.find(']')));
    }
    // "    12: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND socket@GLIBC_2.2.5 (3)"
    const std::size_t at = line.find(" UND ");
    if (at == std::string_view::npos) return;
    std::string_view name = trimmed(line.substr(at + 5));
    name = name.substr(0, name.find_first_of("@ "));
    if (!name.empty()) linked.symbols.emplace_back(name);
  });
  return linked;
}

// Who compiled it, by what its compiler leaves in it.
std::string language_of_binary(std::string_view bytes, const Linked& linked) {
  if (bytes.contains("\xff Go buildinf:")) return "Go";
  if (bytes.contains("/rustc/")) return "Rust";
  const bool cpp = std::ranges::any_of(linked.libraries, [](const auto& l) { return l.starts_with("libstdc++."); });
  return cpp || bytes.contains("GCC: (") || bytes.contains("clang version") ? "C or C++" : "";
}

void judge_language(Tally& tally, std::string_view language, const std::string& where) {
  for (const auto& known : source_languages()) {
    if (known.name != language) continue;
    return tally.add(Topic::kLanguage, known.verdict == Verdict::kOk ? Verdict::kUnknown : known.verdict,
                     std::format("{}: {}; from its sources, which are not here", known.name, known.why), where);
  }
  if (language.empty())
    tally.add(Topic::kLanguage, Verdict::kUnknown, "nothing in it says which language it was written in", where);
  else
    tally.add(Topic::kLanguage, Verdict::kBlocker, std::format("it is run by an interpreter for {}", language), where);
}

Expected<std::vector<Obstacle>> of_binary(CommandRunner& runner, const fs::path& path, const std::string& shown) {
  Tally tally;
  const std::string bytes = LUMOS_TRY(read_file(path, kLargestBinary));
  const auto read = LUMOS_TRY(runner.run({.argv = {"readelf", "--wide", "--dynamic", "--dyn-syms", path.string()}}));
  const Linked linked = parse_readelf(read.output);
  judge_language(tally, language_of_binary(bytes, linked), shown);
  for (const auto& symbol : linked.symbols) tally.add(Place::kSymbol, symbol, shown);
  for (const auto& library : linked.libraries) tally.add(Place::kLibrary, library, shown);
  if (!linked.dynamic)
    return tally.end(Verdict::kUnknown, "the binary is linked statically: what it calls cannot be told from names");
  return tally.end(Verdict::kOk, "the binary asks no library for it; what it loads itself was not looked at");
}

Expected<std::vector<Obstacle>> of_module(const std::string& bytes, const std::string& shown) {
  const auto imports = wasm_imports(bytes);
  if (!imports) return fail(ErrorCode::kUsage, "{}: {}", shown, imports.error().message);
  Tally tally;
  tally.say(Topic::kLanguage, Verdict::kOk, "it is a module already");
  for (const auto& import : *imports) {
    const std::string where = std::format("{}: imports {}.{}", shown, import.module, import.name);
    if (import.name == "thread-spawn")
      tally.add(Topic::kThreads, Verdict::kBlocker, "WasmEdge starts no threads", where);
    if (import.name.starts_with("sock_"))
      tally.add(Topic::kSockets, Verdict::kUnknown, "of hosts known here WasmEdge alone has these", where);
    if (!import.module.starts_with("wasi_snapshot_preview1"))
      tally.add(Topic::kNative, Verdict::kBlocker, "it asks for what is no part of WASI preview 1", where);
  }
  return tally.end(Verdict::kOk, "the module imports nothing of it");
}

Expected<std::vector<Obstacle>> of_file(CommandRunner& runner, const fs::path& path, const std::string& shown) {
  const std::string begin = LUMOS_TRY(read_file(path, kLargestBinary)).substr(0, 256);
  if (begin.starts_with(std::string_view("\0asm", 4)))
    return of_module(LUMOS_TRY(read_file(path, kLargestBinary)), shown);
  if (begin.starts_with("\x7f"
                        "ELF"))
    return of_binary(runner, path, shown);
  Tally tally;
  if (begin.starts_with("#!")) {
    const std::string line = begin.substr(0, begin.find('\n'));
    for (const auto& [name, language] : interpreters()) {
      if (!line.contains(name)) continue;
      judge_language(tally, language, std::format("{}: {}", shown, line));
      return tally.end(Verdict::kUnknown, "a script's needs are in what it loads");
    }
  }
  tally.say(Topic::kLanguage, Verdict::kUnknown, "neither a binary nor a module, nor a script of a known interpreter");
  return tally.end(Verdict::kUnknown, "nothing was read that would tell");
}

// --- images

// The file of that path as a process in the image would find it: links are followed, and none leads out.
std::optional<fs::path> resolved(const fs::path& root, const std::string& path) {
  const Fd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;
  const Fd file(static_cast<int>(::syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof how)));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::error_code error;
  fs::path real = fs::read_symlink(std::format("/proc/self/fd/{}", file.get()), error);
  return error ? std::nullopt : std::optional(std::move(real));
}

std::optional<fs::path> program_of(const fs::path& root, const std::string& name, std::string_view search_path) {
  if (name.contains('/')) return resolved(root, name);
  while (!search_path.empty()) {
    const std::string_view folder = search_path.substr(0, search_path.find(':'));
    if (auto found = resolved(root, std::format("{}/{}", folder, name))) return found;
    search_path.remove_prefix(std::min(folder.size() + 1, search_path.size()));
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Topic topic) {
  constexpr std::string_view kNames[kTopics] = {"language", "threads", "sockets", "tls", "native"};
  return kNames[static_cast<std::size_t>(topic)];
}

std::string_view name_of(Verdict verdict) {
  constexpr std::string_view kNames[] = {"ok", "unknown", "blocker"};
  return kNames[static_cast<std::size_t>(verdict)];
}

Expected<std::vector<Obstacle>> obstacles_of(CommandRunner& runner, const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return Sources(path).look();
  if (fs::is_regular_file(path, error)) return of_file(runner, path, path.filename().string());
  return fail(ErrorCode::kUsage, "{}: no folder and no file", path.string());
}

Expected<std::vector<Obstacle>> obstacles_of_image(CommandRunner& runner, const fs::path& root,
                                                   const std::vector<std::string>& argv,
                                                   const std::string& search_path) {
  Tally tally;
  const auto program = argv.empty() ? std::nullopt : program_of(root, argv[0], search_path);
  if (!program) {
    tally.say(Topic::kLanguage, Verdict::kUnknown, "what it starts is not in it");
    return tally.end(Verdict::kUnknown, "what it starts is not in it");
  }
  const std::string name = program->filename().string();
  const bool script_runner = std::ranges::any_of(interpreters(), [&](const Interpreter& i) {
    return name == i.name || (i.name.size() > 2 && name.starts_with(i.name));
  });
  auto found = LUMOS_TRY(of_file(runner, *program, argv[0]));
  if (!script_runner) return found;
  // What stands in the way is the interpreter itself; what its program needs is not in its symbols.
  const auto which =
      std::ranges::find_if(interpreters(), [&](const Interpreter& i) { return name.starts_with(i.name); });
  judge_language(tally, which->language, argv[0]);
  return tally.end(Verdict::kUnknown, "what its program needs is not in the interpreter's symbols");
}

}  // namespace lumos
