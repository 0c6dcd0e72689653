#include "analysis/groups.h"

#include <algorithm>
#include <array>
#include <format>
#include <map>
#include <optional>

#include "analysis/factors.h"
#include "analysis/wording.h"

namespace lumos {
namespace {

/// Names of the factors that no label holds by itself, in the order of the first cell that has them.
std::vector<std::string> other_factors(std::span<const CellSummary> cells) {
  static constexpr std::array<std::string_view, 4> kNamed{"function", "payload", "runtime", "start"};
  std::vector<std::string> result;
  for (const auto& cell : cells) {
    for (const auto& [name, value] : cell.factors.items()) {
      const bool known =
          std::ranges::find(kNamed, name) != kNamed.end() || std::ranges::find(result, name) != result.end();
      if (!known) result.push_back(name);
    }
  }
  return result;
}

bool is_of_deployment(const std::string& name) { return std::ranges::contains(kDeploymentFactors, name); }

/// Its value in every cell that it applies to; nullopt: it varies, or applies to none.
std::optional<std::string> constant_value(std::span<const CellSummary> cells, const std::string& name) {
  std::optional<std::string> value;
  for (const auto& cell : cells) {
    std::string here = shown_factor(cell.factors, name);
    if (here.empty()) continue;
    if (value && *value != here) return std::nullopt;
    value = std::move(here);
  }
  return value;
}

}  // namespace

std::vector<Group> groups_of(std::span<const CellSummary> cells) {
  auto varying = other_factors(cells);
  std::erase_if(varying,
                [&](const std::string& name) { return is_of_deployment(name) || constant_value(cells, name); });
  std::vector<Group> groups;
  std::map<std::string, std::size_t> index;
  for (const auto& cell : cells) {
    const auto [found, added] = index.emplace(factor_key(cell.factors, kDeploymentFactors), groups.size());
    if (added) {
      const std::string load = cell.load ? factor_text(cell.factors, "load") + " load" : "";
      std::string label =
          std::format("{} {}", function_label(cell.factors), load.empty() ? std::string(name_of(cell.start)) : load);
      for (const auto& name : varying) {
        if (const std::string value = shown_factor(cell.factors, name); !value.empty() && name != "load")
          label += std::format(", {} {}", one_line(name, 40), value);
      }
      groups.push_back({.label = std::move(label)});
    }
    groups[found->second].cells.push_back(&cell);
  }
  return groups;
}

std::vector<std::pair<std::string, std::string>> constant_factors(std::span<const CellSummary> cells) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& name : other_factors(cells)) {
    if (const auto value = constant_value(cells, name)) result.emplace_back(one_line(name, 40), *value);
  }
  return result;
}

}  // namespace lumos
