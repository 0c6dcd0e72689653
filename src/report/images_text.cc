#include "report/images_text.h"

#include <algorithm>
#include <format>
#include <functional>

#include "analysis/wording.h"
#include "base/units.h"
#include "report/results_text.h"
#include "report/text.h"

namespace lumos {
namespace {

using Json = nlohmann::ordered_json;

// "native debian-slim", "aot native-isa O0": kind, base where there is a choice of one, what is not the default.
std::string image_name(const ArtefactId& id) {
  std::string name(name_of(id.kind));
  if (id.kind == ArtefactKind::kNative && id.variant.base == Base::kScratch) name += " scratch";
  const std::string otherwise = built_otherwise(factors_of(id.variant));
  return otherwise.empty() ? name : name + " " + otherwise;
}

std::string images_table(const BuildResult& built) {
  Table table({{"image", true}, {"compressed"}, {"unpacked"}, {"unique"}, {"build"}, {"digest", true, true}});
  std::string function;
  for (const auto& a : built.artefacts) {
    if (a.id.function != function) table.add_heading(function = a.id.function);
    table.add_row({image_name(a.id), format_bytes(a.image_bytes), format_bytes(a.unpacked_bytes),
                   format_bytes(a.unique_bytes), std::format("{:.1f} s", a.build_seconds),
                   a.digest.substr(0, 19) + "…"});
  }
  std::string text = table.text(kResultsWidth);
  if (const auto& base = built.base) {
    text += wrap(std::format("\ndebian-slim: one layer that every image on it shares, {} compressed, {} unpacked, {} "
                             "packages, made in {:.1f} s.",
                             format_bytes(base->layer_bytes), format_bytes(base->unpacked_bytes), base->packages.size(),
                             base->build_seconds),
                 kResultsWidth);
  }
  return text + wrap(
                    "compressed: all blobs, as a registry would serve them; unique: without the layer of the base; "
                    "build: from sources to image.",
                    kResultsWidth);
}

std::string nodes_table(const std::vector<NodeFootprint>& nodes) {
  constexpr std::int64_t kWorthNaming = 2'000'000;
  Table table({{"on a node", true}, {"installed"}, {"of which", true}});
  for (const auto& node : nodes) {
    std::string parts;
    std::int64_t rest = 0, count = 0;
    for (const auto& [package, bytes] : node.packages) {
      if (bytes < kWorthNaming) {
        rest += bytes;
        ++count;
      } else {
        parts += std::format("{}{} {}", parts.empty() ? "" : ", ", package, format_bytes(bytes));
      }
    }
    if (count > 0) parts += std::format("{}{} smaller {}", parts.empty() ? "" : ", ", count, format_bytes(rest));
    table.add_row({node.runtime, format_bytes(node.bytes()), parts});
  }
  return table.text(kResultsWidth) + wrap(
                                         "Installed bytes of Debian's packages that a runtime needs beyond the "
                                         "smallest Debian; sandbox is Lumos itself.",
                                         kResultsWidth);
}

using Ratio = std::function<double(const SizesOfFunction&)>;

// "24.1 ×", or "24.1 to 25.2 ×" over several functions.
std::string range_of(const std::vector<SizesOfFunction>& sizes, const Ratio& ratio) {
  const auto [least, most] = std::ranges::minmax(sizes, {}, ratio);
  const std::string low = format_ratio(ratio(least)), high = format_ratio(ratio(most));
  return low == high ? low + " ×" : low + " to " + high + " ×";
}

double over(const std::optional<std::int64_t>& a, const std::optional<std::int64_t>& b) {
  return static_cast<double>(*a) / static_cast<double>(*b);
}

std::string sizes_table(const std::vector<SizesOfFunction>& sizes) {
  Table table({{"image bytes", true},
               {"native debian-slim"},
               {"native scratch"},
               {"wasm"},
               {"aot"},
               {"base ×"},
               {"wasm ×"},
               {"aot ×"}});
  const auto bytes = [](const std::optional<std::int64_t>& b) { return b ? format_bytes(*b) : "–"; };
  const auto ratio = [](const auto& a, const auto& b) { return a && b ? format_ratio(over(a, b)) : "–"; };
  for (const auto& s : sizes) {
    table.add_row({s.function, bytes(s.debian_slim), bytes(s.scratch), bytes(s.wasm), bytes(s.aot),
                   ratio(s.debian_slim, s.scratch), ratio(s.scratch, s.wasm), ratio(s.scratch, s.aot)});
  }
  return table.text(kResultsWidth) +
         wrap("base ×: native on debian-slim over native on scratch; wasm ×, aot ×: native on scratch over these.",
              kResultsWidth);
}

std::string sizes_sentence(std::vector<SizesOfFunction> sizes) {
  std::erase_if(sizes, [](const auto& s) { return !s.complete(); });
  if (sizes.empty()) return "";
  return wrap(std::format("A container image on debian-slim is {} the AoT image; of that, {} is the base, and {} is "
                          "Wasm (before ahead-of-time code: {}).",
                          range_of(sizes, [](const auto& s) { return over(s.debian_slim, s.aot); }),
                          range_of(sizes, [](const auto& s) { return over(s.debian_slim, s.scratch); }),
                          range_of(sizes, [](const auto& s) { return over(s.scratch, s.aot); }),
                          range_of(sizes, [](const auto& s) { return over(s.scratch, s.wasm); })),
              kResultsWidth);
}

Json or_null(const std::optional<std::int64_t>& bytes) { return bytes ? Json(*bytes) : Json(nullptr); }

}  // namespace

std::vector<SizesOfFunction> sizes_of(const std::vector<Artefact>& artefacts) {
  std::vector<SizesOfFunction> sizes;
  for (const auto& a : artefacts) {
    if (sizes.empty() || sizes.back().function != a.id.function) sizes.push_back({.function = a.id.function});
    SizesOfFunction& s = sizes.back();
    if (a.id.kind == ArtefactKind::kNative && a.id.variant == variant_of(a.id.kind, {.base = Base::kDebianSlim}))
      s.debian_slim = a.image_bytes;
    if (a.id.variant != variant_of(a.id.kind)) continue;
    (a.id.kind == ArtefactKind::kNative ? s.scratch
     : a.id.kind == ArtefactKind::kWasm ? s.wasm
                                        : s.aot) = a.image_bytes;
  }
  return sizes;
}

std::string images_text(const BuildResult& built, const std::vector<NodeFootprint>& nodes) {
  const auto sizes = sizes_of(built.artefacts);
  return images_table(built) + "\n" + nodes_table(nodes) + "\n" + sizes_table(sizes) + sizes_sentence(sizes);
}

std::string images_json(const BuildResult& built, const std::vector<NodeFootprint>& nodes) {
  Json artefacts = Json::array(), sizes = Json::array();
  for (const auto& a : built.artefacts) artefacts.push_back(to_json(a));
  for (const auto& s : sizes_of(built.artefacts)) {
    sizes.push_back({{"function", s.function},
                     {"native_debian_slim", or_null(s.debian_slim)},
                     {"native_scratch", or_null(s.scratch)},
                     {"wasm", or_null(s.wasm)},
                     {"aot", or_null(s.aot)}});
  }
  const Json all{{"schema", 1},
                 {"artefacts", artefacts},
                 {"base", built.base ? to_json(*built.base) : Json(nullptr)},
                 {"nodes", to_json(nodes)},
                 {"sizes", sizes}};
  return all.dump(2) + "\n";
}

}  // namespace lumos
