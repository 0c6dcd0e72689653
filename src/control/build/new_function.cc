#include "control/build/new_function.h"

#include <algorithm>
#include <format>
#include <functional>

#include "base/file.h"
#include "base/suggest.h"
#include "control/build/language.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 48;

// Words of Rust, crates of its compiler, folders of the workspace.
constexpr std::string_view kKept[] = {
    "abstract", "alloc",   "as",        "async",   "await",   "become", "box",      "break",  "const",
    "continue", "core",    "crate",     "do",      "dyn",     "else",   "enum",     "extern", "false",
    "final",    "fn",      "for",       "gen",     "if",      "impl",   "in",       "inputs", "let",
    "loop",     "macro",   "match",     "mod",     "move",    "mut",    "override", "priv",   "proc-macro",
    "pub",      "ref",     "return",    "sdk",     "sdk-cpp", "self",   "static",   "std",    "struct",
    "super",    "target",  "templates", "test",    "trait",   "true",   "try",      "type",   "typeof",
    "unsafe",   "unsized", "use",       "virtual", "where",   "while",  "yield"};

// What the Rust template stands on, as its Cargo.toml says.
constexpr std::string_view kDependencies[] = {"prost", "sdk", "serde", "serde_json"};

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

std::string in_quotes(std::string_view name) { return std::format("\"{}\"", name); }

// The value of `key = "…"` in a block of Cargo.lock; "" when it has none.
std::string_view value_in(std::string_view block, std::string_view key) {
  const std::string begin = std::format("\n{} = \"", key);
  const std::size_t at = block.find(begin);
  if (at == std::string_view::npos) return "";
  block.remove_prefix(at + begin.size());
  return block.substr(0, block.find('"'));
}

// Puts back what was, unless it is told that all went well.
class Undo {
 public:
  ~Undo() {
    if (kept_) return;
    std::ranges::reverse(steps_);
    for (const auto& step : steps_) step();
  }
  void add(std::function<void()> step) { steps_.push_back(std::move(step)); }
  void keep() { kept_ = true; }

 private:
  std::vector<std::function<void()>> steps_;
  bool kept_ = false;
};

using Edit = Expected<std::string> (*)(std::string_view, std::string_view);

Expected<> edit(const fs::path& file, Edit change, const std::string& name, Undo& undo) {
  const std::string before = LUMOS_TRY(read_file(file));
  const auto after = change(before, name);
  if (!after) return fail(after.error().code, "{}: {}", file.string(), after.error().message);
  undo.add([file, before] { (void)write_file(file, before); });
  return write_file(file, *after);
}

Expected<std::vector<fs::path>> template_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(folder, error); !error && it != fs::end(it); it.increment(error)) {
    if (it->is_regular_file()) files.push_back(it->path().lexically_relative(folder));
  }
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  // function.json last: with it the function is there for everybody.
  std::ranges::sort(files, {}, [](const fs::path& p) { return std::pair(p == "function.json", p); });
  return files;
}

Expected<> check(const NewFunction& wanted, const fs::path& folder) {
  if (const std::string problem = name_problem(wanted.name); !problem.empty())
    return fail(ErrorCode::kUsage, "'{}' cannot be the name of a function: {}", wanted.name, problem);
  if (find_language(wanted.language) == nullptr) {
    std::vector<std::string> known;
    for (const auto& language : languages()) known.emplace_back(language.name);
    return fail(ErrorCode::kUsage, "--lang {}: unknown{}; known: rust, cpp", wanted.language,
                suggestion(wanted.language, known));
  }
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder, error)))
    return fail(ErrorCode::kUsage, "{}: is there already", folder.string());
  return {};
}

}  // namespace

std::string name_problem(std::string_view name) {
  constexpr std::string_view kCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (name.empty() || name.size() > kLongestName || name.find_first_not_of(kCharacters) != std::string_view::npos)
    return std::format("it must be 1 to {} of a-z, 0-9 and '-'", kLongestName);
  if (name.front() < 'a' || name.front() > 'z') return "it must begin with a letter";
  if (name.ends_with('-') || name.contains("--")) return "a '-' must stand between letters or digits";
  if (std::ranges::contains(kKept, name)) return "the word is taken by Rust or by the workspace";
  return "";
}

Expected<std::string> with_member(std::string_view manifest, std::string_view name) {
  const std::string begin = "members = [\n", line = std::format("    {},\n", in_quotes(name));
  std::size_t at = manifest.find(begin);
  if (at == std::string_view::npos) return fail(ErrorCode::kUsage, "has no list of members, one a line");
  at += begin.size();
  while (manifest.substr(at).starts_with("    \"") && manifest.substr(at, manifest.find('\n', at) + 1 - at) < line)
    at = manifest.find('\n', at) + 1;
  return std::string(manifest).insert(at, line);
}

Expected<std::string> with_package(std::string_view lock, std::string_view name) {
  constexpr std::string_view kBlock = "[[package]]\n";
  std::string version, dependencies;
  std::size_t place = std::string_view::npos;
  std::vector<std::string_view> found;
  for (std::size_t at = lock.find(kBlock); at != std::string_view::npos;) {
    const std::size_t next = lock.find(kBlock, at + 1);
    const std::string_view block = lock.substr(at, next == std::string_view::npos ? next : next - at);
    const std::string_view package = value_in(block, "name");
    if (package == name) return fail(ErrorCode::kUsage, "has a package '{}' already: take another name", name);
    if (package == "sdk") version = value_in(block, "version");
    if (package > name && place == std::string_view::npos) place = at;
    found.push_back(package);
    at = next;
  }
  for (const std::string_view needed : kDependencies) {
    if (std::ranges::count(found, needed) != 1)
      return fail(ErrorCode::kUsage, "does not have one package '{}', which the template needs", needed);
    dependencies += std::format(" {},\n", in_quotes(needed));
  }
  const std::string block = std::format("{}name = {}\nversion = {}\ndependencies = [\n{}]\n", kBlock, in_quotes(name),
                                        in_quotes(version), dependencies);
  if (place == std::string_view::npos) return std::string(lock) + "\n" + block;
  return std::string(lock).insert(place, block + "\n");
}

Expected<std::vector<fs::path>> make_function(const NewFunction& wanted) {
  const fs::path folder = wanted.functions / wanted.name;
  LUMOS_TRY(check(wanted, folder));
  const fs::path from = wanted.functions / "templates" / wanted.language;
  const auto files = LUMOS_TRY(template_files(from));
  const std::string identifier = replaced(wanted.name, "-", "_");
  Undo undo;
  undo.add([folder] {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  });
  std::vector<fs::path> written;
  for (const auto& file : files) {
    std::error_code error;
    fs::create_directories((folder / file).parent_path(), error);
    if (error) return fail(ErrorCode::kEnvironment, "{}: {}", (folder / file).string(), error.message());
    // Before the last: a function that is there is one that can be built.
    if (file == "function.json" && fs::exists(folder / "Cargo.toml")) {
      LUMOS_TRY(edit(wanted.functions / "Cargo.lock", with_package, wanted.name, undo));
      LUMOS_TRY(edit(wanted.functions / "Cargo.toml", with_member, wanted.name, undo));
    }
    const std::string text = replaced(LUMOS_TRY(read_file(from / file)), "@identifier@", identifier);
    LUMOS_TRY(write_file(folder / file, replaced(text, "@name@", wanted.name)));
    written.push_back(fs::path(wanted.name) / file);
  }
  undo.keep();
  return written;
}

}  // namespace lumos
