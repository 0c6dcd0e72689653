// A Server-Timing header of any bytes gives durations that are none or not negative, and adds up over its parts.
#include "telemetry/server_timing.h"
#include "tests/fuzz/target.h"

void run_target(std::string_view header) {
  const lumos::Spans spans = lumos::parse_server_timing(header);
  const auto twice = lumos::parse_server_timing(std::string(header) + ',' + std::string(header));
  for (const auto span :
       {&lumos::Spans::receive, &lumos::Spans::deserialize, &lumos::Spans::fetch, &lumos::Spans::compute,
        &lumos::Spans::store, &lumos::Spans::serialize, &lumos::Spans::handle}) {
    LUMOS_CHECK(!(spans.*span) || *(spans.*span) >= 0);
    LUMOS_CHECK((spans.*span).has_value() == (twice.*span).has_value());
    LUMOS_CHECK(!(twice.*span) || *(twice.*span) >= *(spans.*span));
  }
}
