// Any text is a reference that reads the same again and that no program takes for an option or a path, or is refused
// with a usage error.
#include "tests/fuzz/target.h"
#include "workload/image_reference.h"

void run_target(std::string_view text) {
  const auto reference = lumos::parse_image_reference(text);
  if (!reference) {
    LUMOS_CHECK(reference.error().code == lumos::ErrorCode::kUsage && !reference.error().message.empty());
    return;
  }
  const std::string again = reference->text();
  LUMOS_CHECK(lumos::parse_image_reference(again) == *reference);
  LUMOS_CHECK(reference->tag.empty() != reference->digest.empty());
  LUMOS_CHECK(!again.starts_with('-') && !reference->name.contains("..") && !again.contains("//"));
  LUMOS_CHECK(again.find_first_of(" \t\n?#%\\'\"") == std::string::npos);
}
