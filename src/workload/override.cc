#include "workload/override.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "workload/yaml_text.h"

namespace lumos {
namespace {

// The value below `node` named by one word of the path, made when it is missing.
Expected<YamlNode*> step(YamlNode& node, std::string_view word, std::string_view path_so_far, const Mark& mark) {
  const std::string parent = path_so_far.empty() ? "the file" : std::format("'{}'", shown(path_so_far));
  if (node.kind == YamlNode::Kind::kList) {
    std::size_t index = node.items.size();
    const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), index);
    if (status == std::errc{} && end == word.data() + word.size() && index < node.items.size()) {
      return &node.items[index];
    }
    return fail_at(mark, "{} is a list of {}: expected an index from 0, not '{}'", parent, node.items.size(),
                   shown(word));
  }
  if (node.kind == YamlNode::Kind::kScalar) {
    return fail_at(mark, "{} is the single value '{}', it has no '{}'", parent, shown(node.scalar), shown(word));
  }
  node.kind = YamlNode::Kind::kMap;
  if (YamlNode* value = node.find(word)) return value;
  YamlNode key;
  key.kind = YamlNode::Kind::kScalar;
  key.scalar = word;
  key.mark = mark;
  node.entries.push_back({std::move(key), YamlNode{.mark = mark}});
  return &node.entries.back().value;
}

}  // namespace

Expected<> override_value(YamlNode& root, std::string_view assignment) {
  const std::string option = "--set " + shown(assignment, 120);
  const std::size_t equals = assignment.find('=');
  const std::string_view path = assignment.substr(0, equals);
  const Mark mark{std::make_shared<const std::string>(option), 0, 0};
  if (equals == std::string_view::npos || path.empty() || ("." + std::string(path) + ".").contains("..")) {
    return fail_at(mark, "expected KEY=VALUE, such as stop.budget=2m");
  }
  if (find_text_problem(path) || static_cast<std::size_t>(std::ranges::count(path, '.')) >= kYamlMaxDepth) {
    return fail_at(mark, "'{}' is no key", shown(path));
  }
  YamlNode value = LUMOS_TRY(parse_yaml_option(assignment.substr(equals + 1), option));
  YamlNode* node = &root;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t dot = std::min(path.find('.', start), path.size());
    node = LUMOS_TRY(step(*node, path.substr(start, dot - start), path.substr(0, start == 0 ? 0 : start - 1), mark));
    start = dot + 1;
  }
  *node = std::move(value);
  return {};
}

}  // namespace lumos
