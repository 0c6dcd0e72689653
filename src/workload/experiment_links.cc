#include "workload/experiment_links.h"

#include "workload/link_profile.h"
#include "workload/yaml_read.h"

namespace lumos {
namespace {

using Words = std::vector<std::string>;

const LinkProfile* find(const std::vector<LinkProfile>& links, const std::string& name) {
  const auto found = std::ranges::find(links, name, &LinkProfile::name);
  return found == links.end() ? nullptr : &*found;
}

// A profile of the experiment's own, or the known one of that name.
Expected<LinkProfile> read_link(const YamlNode& node, const std::vector<LinkProfile>& known) {
  if (node.kind == YamlNode::Kind::kMap) {
    LinkProfile own = LUMOS_TRY(read_link_profile(node, ""));
    if (find(known, own.name) == nullptr) return own;
    return fail_at(node.mark, "a link of the name '{}' is known already; give this one another", own.name);
  }
  Words names{std::string(kNoLink)};
  for (const auto& link : known) names.push_back(link.name);
  const std::string name = LUMOS_TRY(read_word(node, "link", names));
  const LinkProfile* link = find(known, name);
  return link == nullptr ? LinkProfile{.name = name} : *link;
}

Expected<> read_place(const YamlNode& node, const std::string& place, const std::vector<LinkProfile>& known,
                      Experiment& experiment, Words& factor) {
  const std::string what = std::format("'links.{}'", place);
  factor.clear();
  for (const YamlNode* item : LUMOS_TRY(read_items(node, what))) {
    LinkProfile link = LUMOS_TRY(read_link(*item, known));
    LUMOS_TRY(push_unique(factor, link.name, *item, what));
    if (link.name == kNoLink) continue;
    const LinkProfile* named = find(experiment.links, link.name);
    if (named != nullptr && *named != link) return fail_at(item->mark, "two links have the name '{}'", link.name);
    if (named == nullptr) experiment.links.push_back(std::move(link));
  }
  return {};
}

}  // namespace

Expected<> read_links(const YamlNode& node, const std::vector<LinkProfile>& known, Experiment& experiment) {
  static const Words kPlaces{"client", "registry", "storage"};
  LUMOS_TRY(check_map(node, "'links'", kPlaces));
  if (const auto* client = node.find("client"))
    LUMOS_TRY(read_place(*client, "client", known, experiment, experiment.link_client));
  if (const auto* registry = node.find("registry"))
    LUMOS_TRY(read_place(*registry, "registry", known, experiment, experiment.link_registry));
  if (const auto* storage = node.find("storage"))
    LUMOS_TRY(read_place(*storage, "storage", known, experiment, experiment.link_storage));
  return {};
}

}  // namespace lumos
