#include "workload/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "workload/yaml_text.h"

namespace lumos {
namespace {

// Leaves yaml-cpp's parser from within an event; caught in parse().
struct Refusal {
  YAML::Mark mark;
  std::string message;
};

constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

// False when the scalar at the start of `text` opens a quote that the text never closes: yaml-cpp 0.8 takes the rest of
// a file that ends in a newline for the scalar. A tag may stand before the quote.
bool closes_its_quote(std::string_view text) {
  while (text.starts_with('!') || text.starts_with('#')) {
    text.remove_prefix(std::min(text.find_first_of(text.front() == '!' ? " \t\r\n" : "\n"), text.size()));
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  }
  if (!text.starts_with('"') && !text.starts_with('\'')) return true;
  const char quote = text.front();
  const char escape = quote == '"' ? '\\' : quote;  // in single quotes, '' is an escaped quote
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool escaped = text[i] == escape && i + 1 < text.size() && (quote == '"' || text[i + 1] == quote);
    if (escaped) {
      ++i;
    } else if (text[i] == quote) {
      return true;
    }
  }
  return false;
}

// Builds the tree from yaml-cpp's events. The parser recurses once per level, and every level is an event: refusing the
// seventeenth bounds its stack too (its own limit is 500).
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, Mark start) : text_(text), start_(std::move(start)) { root_.mark = start_; }

  YamlNode take_root() { return std::move(root_); }
  Mark mark_of(const YAML::Mark& mark) const {
    if (start_.line == 0) return start_;
    return {start_.source, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ == 0) return;
    const bool marker = text_.substr(std::min(static_cast<std::size_t>(mark.pos), text_.size())).starts_with("---");
    throw Refusal{mark, marker ? "a second document is not allowed"
                               : "unexpected text after the end of the document: check the indentation"};
  }
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refusal{mark, "anchors and aliases are not allowed"};
  }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    throw Refusal{mark, "anchors and aliases are not allowed"};
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { add(mark, node_at(mark, YamlNode::Kind::kNull)); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    YamlNode node = node_at(mark, YamlNode::Kind::kScalar);
    node.scalar = value;
    node.quoted = tag == "!" || tag == std::string(kCoreTag) + "str";
    static const std::set<std::string_view> kScalarTags{"str", "int", "float", "bool"};
    if (tag != "!") check_tag(mark, tag, kScalarTags);
    if (!closes_its_quote(text_.substr(std::min(static_cast<std::size_t>(mark.pos), text_.size())))) {
      throw Refusal{mark, "this quote is never closed"};
    }
    add(mark, std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag, {"seq"});
    open(mark, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    check_tag(mark, tag, {"map"});
    open(mark, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or map whose end has not come yet.
  struct Open {
    YAML::Mark mark;
    YamlNode node;
    std::optional<YamlNode> key;
    std::set<std::string> keys;

    bool wants_key() const { return node.kind == YamlNode::Kind::kMap && !key; }
  };

  YamlNode node_at(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (++nodes_ > kYamlMaxNodes) throw Refusal{mark, std::format("more than {} values", kYamlMaxNodes)};
    YamlNode node;
    node.kind = kind;
    node.mark = mark_of(mark);
    return node;
  }

  static void check_tag(const YAML::Mark& mark, std::string_view tag, const std::set<std::string_view>& allowed) {
    if (tag.empty() || tag == "?") return;
    if (tag.starts_with(kCoreTag) && allowed.contains(tag.substr(kCoreTag.size()))) return;
    throw Refusal{mark, std::format("the tag '{}' is not allowed here", shown(tag))};
  }

  void open(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (open_.size() == kYamlMaxDepth) throw Refusal{mark, std::format("nested more than {} deep", kYamlMaxDepth)};
    if (!open_.empty() && open_.back().wants_key())
      throw Refusal{mark, "a key must be a word, not a list or a map (or a bracket is never closed)"};
    open_.push_back({mark, node_at(mark, kind), {}, {}});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(done.mark, std::move(done.node));
  }

  void add(const YAML::Mark& mark, YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (Open& parent = open_.back(); parent.node.kind == YamlNode::Kind::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.wants_key()) {
      check_key(mark, node, parent.keys);
      parent.key = std::move(node);
    } else {
      // yaml-cpp puts a value that was left out at the next token, which may be lines below.
      if (node.kind == YamlNode::Kind::kNull) node.mark = parent.key->mark;
      parent.node.entries.push_back({*std::move(parent.key), std::move(node)});
      parent.key.reset();
    }
  }

  static void check_key(const YAML::Mark& mark, const YamlNode& key, std::set<std::string>& keys) {
    if (key.kind != YamlNode::Kind::kScalar) throw Refusal{mark, "a key is missing before ':'"};
    if (key.scalar == "<<") throw Refusal{mark, "merge keys ('<<') are not allowed"};
    if (!keys.insert(key.scalar).second)
      throw Refusal{mark, std::format("the key '{}' stands twice", shown(key.scalar))};
  }

  std::string_view text_;
  Mark start_;
  YamlNode root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

// yaml-cpp's terms in those of the person who wrote the file.
std::string plain_words(const std::string& message) {
  namespace E = YAML::ErrorMsg;
  static const std::array<std::pair<std::string_view, std::string_view>, 12> kWords{{
      {E::EOF_IN_SCALAR, "a quote opened above is never closed"},
      {E::DOC_IN_SCALAR, "a quote opened above is never closed"},
      {E::END_OF_MAP, "expected 'key: value' here, indented as the keys above"},
      {E::END_OF_SEQ, "expected '- item' here, indented as the items above"},
      {E::END_OF_MAP_FLOW, "expected ',' or '}'"},
      {E::END_OF_SEQ_FLOW, "expected ',' or ']'"},
      {E::FLOW_END, "this bracket does not close an open one"},
      {E::MAP_VALUE, "a ':' is not allowed here: put the text in quotes, or check the indentation"},
      {E::BLOCK_ENTRY, "a '- item' is not allowed here: check the indentation"},
      {E::UNKNOWN_TOKEN, "a value cannot start with this character: put it in quotes"},
      {E::BAD_FILE, "nested too deeply"},
      {E::UNKNOWN_ANCHOR, "anchors and aliases are not allowed"},
  }};
  for (const auto& [theirs, ours] : kWords) {
    if (message.starts_with(theirs)) return std::string(ours);
  }
  return "not valid YAML: " + shown(message, 120);
}

Expected<YamlNode> parse(std::string_view text, const Mark& start) {
  text = without_byte_order_mark(text);
  if (const auto problem = find_text_problem(text)) {
    const Mark mark = start.line == 0 ? start : Mark{start.source, problem->line, problem->column};
    return fail_at(mark, "{}", problem->message);
  }
  // A last line without newline can change what yaml-cpp makes of it.
  const std::string lines = std::string(text) + (text.ends_with('\n') ? "" : "\n");
  TreeBuilder builder(lines, start);
  try {
    std::istringstream stream(lines);
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
    return builder.take_root();
  } catch (const Refusal& refusal) {
    return fail_at(builder.mark_of(refusal.mark), "{}", refusal.message);
  } catch (const YAML::Exception& error) {
    return fail_at(builder.mark_of(error.mark), "{}", plain_words(error.msg));
  } catch (const std::exception& error) {
    return fail_at(start, "not valid YAML: {}", shown(error.what(), 120));
  }
}

}  // namespace

std::string Mark::text() const {
  const std::string name = source == nullptr ? "" : *source;
  return line == 0 ? name : std::format("{}:{}:{}", name, line, column);
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto it = std::ranges::find_if(entries, [&](const YamlEntry& entry) { return entry.key.scalar == key; });
  return it == entries.end() ? nullptr : &it->value;
}

YamlNode* YamlNode::find(std::string_view key) { return const_cast<YamlNode*>(std::as_const(*this).find(key)); }

Expected<YamlNode> parse_yaml(std::string_view text, const std::string& file_name) {
  return parse(text, {std::make_shared<const std::string>(file_name), 1, 1});
}

Expected<YamlNode> parse_yaml_option(std::string_view text, const std::string& option) {
  return parse(text, {std::make_shared<const std::string>(option), 0, 0});
}

}  // namespace lumos
