#include "cli/functions_check.h"

#include <algorithm>
#include <cstdio>

#include "control/build/given_image.h"
#include "control/build/obstacles.h"
#include "control/build/pulled_image.h"

namespace lumos {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kLayout = "oci:";

constexpr std::string_view kRegistry = "docker://";

bool is_image(std::string_view what) { return what.starts_with(kLayout) || what.starts_with(kRegistry); }

// Folder and tag of oci:DIR, oci:DIR:TAG, or of what is pulled from docker://….
Expected<std::pair<std::string, std::string>> layout_of(CommandRunner& runner, const Places& places,
                                                        const std::string& what) {
  if (what.starts_with(kRegistry)) {
    const auto reference = parse_image_reference(what);
    if (!reference) return fail(ErrorCode::kUsage, "{}: {}", what, reference.error().message);
    return std::pair{LUMOS_TRY(pull_image(runner, *reference, places.home)).layout.string(), std::string()};
  }
  std::string layout = what.substr(kLayout.size()), tag;
  const std::size_t colon = layout.rfind(':');
  if (colon != std::string::npos && colon > 0 && layout.find('/', colon) == std::string::npos) {
    tag = layout.substr(colon + 1);
    layout.resize(colon);
  }
  return std::pair{layout, tag};
}

Expected<std::vector<Obstacle>> look(const Places& places, const std::string& what) {
  SystemCommandRunner runner;
  if (!is_image(what)) return obstacles_of(runner, what);
  const auto [layout, tag] = LUMOS_TRY(layout_of(runner, places, what));
  const Artefact image =
      LUMOS_TRY(unpack_image(runner, layout, tag, {"given", ArtefactKind::kNative, {}}, places.home));
  std::string search_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  for (const auto& entry : image.process->environment) {
    if (entry.starts_with("PATH=")) search_path = entry.substr(5);
  }
  return obstacles_of_image(runner, image.root(), image.argv(), search_path);
}

void print_json(const std::string& what, const std::vector<Obstacle>& found) {
  Json list = Json::array();
  for (const auto& o : found)
    list.push_back(
        {{"topic", name_of(o.topic)}, {"verdict", name_of(o.verdict)}, {"reason", o.reason}, {"evidence", o.evidence}});
  const Json document{{"schema", 1}, {"checked", what}, {"topics", list}};
  std::printf("%s\n", document.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

// Of evidence that may hold anything: a line.
std::string printable(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return text;
}

void print_text(const std::string& what, const std::vector<Obstacle>& found) {
  std::string blockers, unknown;
  for (const auto& o : found) {
    const std::string topic(name_of(o.topic));
    std::printf("%-9s %-8s %s\n", topic.c_str(), std::string(name_of(o.verdict)).c_str(), o.reason.c_str());
    for (const auto& evidence : o.evidence) std::printf("%18s  %s\n", "", printable(evidence).c_str());
    std::string& list = o.verdict == Verdict::kBlocker ? blockers : unknown;
    if (o.verdict != Verdict::kOk) list += (list.empty() ? "" : ", ") + topic;
  }
  const std::string sentence = !blockers.empty()  ? "Likely in the way of WebAssembly: " + blockers + "."
                               : !unknown.empty() ? "Nothing seen in the way; not known: " + unknown + "."
                                                  : "Nothing seen in the way, which is no promise.";
  std::printf("%s: %s\nnext: %s\n", printable(what).c_str(), sentence.c_str(),
              is_image(what) || what.ends_with(".wasm")
                  ? "measure it as it is (docs/add-a-function.md)"
                  : "./lumos functions new NAME, and put its work there (docs/add-a-function.md)");
}

}  // namespace

VerbResult check_function(const Places& places, const std::string& what, bool json) {
  const auto found = LUMOS_TRY(look(places, what));
  if (json)
    print_json(what, found);
  else
    print_text(what, found);
  return 0;
}

}  // namespace lumos
