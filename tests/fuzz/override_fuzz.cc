// "--set" of any bytes changes a tree, or is an Error that names the option.
#include "tests/fuzz/target.h"
#include "workload/override.h"

void run_target(std::string_view assignment) {
  static const auto file = lumos::parse_yaml("functions: [{name: noop}, fibonacci]\nstop: {min: 6}\n", "fuzz.yaml");
  lumos::YamlNode root = *file;
  const auto done = lumos::override_value(root, assignment);
  LUMOS_CHECK(root.kind == lumos::YamlNode::Kind::kMap);
  if (done) {
    LUMOS_CHECK(assignment.contains('='));
    return;
  }
  LUMOS_CHECK(done.error().code == lumos::ErrorCode::kUsage);
  LUMOS_CHECK(done.error().message.starts_with("--set "));
}
