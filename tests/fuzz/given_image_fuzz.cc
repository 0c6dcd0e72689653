// The first byte says what the rest is taken for: an index, a manifest, a config.json. Digests name nothing outside
// their folder, sizes are not negative.
#include "control/build/given_image.h"
#include "tests/fuzz/target.h"

namespace {

void check_digest(const std::string& digest) {
  LUMOS_CHECK(digest.size() == 71 && digest.find('/') == std::string::npos && digest.find('.') == std::string::npos);
}

}  // namespace

void run_target(std::string_view input) {
  if (input.empty()) return;
  const char what = input[0];
  input.remove_prefix(1);
  if (what == 'i') {
    const auto entries = lumos::parse_index(input);
    for (const auto& e : entries.value_or(std::vector<lumos::ManifestEntry>{})) check_digest(e.digest);
  } else if (what == 'm') {
    const auto content = lumos::parse_manifest(input);
    if (!content) return;
    check_digest(content->config);
    LUMOS_CHECK(content->bytes >= 0 && content->layers >= 0);
  } else if (const auto process = lumos::parse_process(input)) {
    LUMOS_CHECK(!process->argv.empty() && process->folder.starts_with('/'));
  }
}
