#include "workload/wasm_imports.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace lumos {
namespace {

constexpr std::uint8_t kImportSection = 2;

// Reads from the front. After what is cut, everything is 0 and empty, and `broken` says so.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t byte() {
    if (bytes_.empty()) return fail();
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }

  // LEB128, at most 32 bits.
  std::uint32_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const std::uint8_t part = byte();
      value |= std::uint64_t{part & 0x7fU} << shift;
      if ((part & 0x80) != 0) continue;
      return value <= UINT32_MAX ? static_cast<std::uint32_t>(value) : fail();
    }
    return fail();
  }

  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) return fail(), std::string_view();
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }

  std::string_view text() { return take(number()); }
  bool at_end() const { return bytes_.empty(); }
  bool broken() const { return broken_; }

 private:
  std::uint8_t fail() {
    broken_ = true;
    bytes_ = {};
    return 0;
  }

  std::string_view bytes_;
  bool broken_ = false;
};

void skip_limits(Reader& reader) {
  const std::uint8_t flags = reader.byte();
  reader.number();
  if ((flags & 1) != 0) reader.number();
}

// False: a kind that is not known.
bool skip_description(Reader& reader) {
  switch (reader.byte()) {
    case 0:  // a function: its type
      reader.number();
      return true;
    case 1:  // a table: what it holds, limits
      reader.byte();
      skip_limits(reader);
      return true;
    case 2:  // a memory
      skip_limits(reader);
      return true;
    case 3:  // a global: type, whether it changes
      reader.byte();
      reader.byte();
      return true;
    case 4:  // a tag
      reader.byte();
      reader.number();
      return true;
    default:
      return false;
  }
}

std::optional<std::vector<WasmImport>> read_section(std::string_view section) {
  Reader reader(section);
  std::vector<WasmImport> imports;
  for (std::uint32_t left = reader.number(); left > 0 && !reader.broken(); --left) {
    const std::string_view module = reader.text(), name = reader.text();
    if (!skip_description(reader)) return std::nullopt;
    if (!reader.broken()) imports.push_back({std::string(module), std::string(name)});
  }
  if (reader.broken()) return std::nullopt;
  return imports;
}

}  // namespace

Expected<std::vector<WasmImport>> wasm_imports(std::string_view bytes) {
  constexpr std::string_view kBegin("\0asm\x01\0\0\0", 8);
  const auto broken = [] { return fail(ErrorCode::kUsage, "not a module of WebAssembly 1.0, or damaged"); };
  if (!bytes.starts_with(kBegin)) return broken();
  Reader reader(bytes.substr(kBegin.size()));
  while (!reader.at_end()) {
    const std::uint8_t id = reader.byte();
    const std::string_view section = reader.take(reader.number());
    if (reader.broken()) return broken();
    if (id != kImportSection) continue;
    auto imports = read_section(section);
    if (!imports) return broken();
    return *std::move(imports);
  }
  return std::vector<WasmImport>{};
}

bool listens(const std::vector<WasmImport>& imports) {
  return std::ranges::any_of(imports, [](const WasmImport& i) { return i.name == "sock_listen"; });
}

}  // namespace lumos
