// A link profile of any bytes is a link that can be emulated, or an Error that names its place.
#include "tests/fuzz/target.h"
#include "workload/link_profile.h"

void run_target(std::string_view text) {
  const auto link = lumos::parse_link_profile(text, "fuzz.yaml");
  if (!link) {
    LUMOS_CHECK(link.error().code == lumos::ErrorCode::kUsage);
    LUMOS_CHECK(link.error().message.starts_with("fuzz.yaml:"));
    return;
  }
  for (const auto* d : {&link->up, &link->down}) {
    LUMOS_CHECK(d->delay.count() >= 0 && d->loss >= 0 && d->loss < 1);
    LUMOS_CHECK((d->rate_bit_per_s > 0) == (d->queue_bytes > 0));
  }
  const auto read = lumos::link_from_json(nlohmann::json::parse(lumos::to_json(*link).dump()));
  LUMOS_CHECK(read && *read == *link);
}
