// Files of /proc and /sys of any bytes give numbers or none. A program chooses its name, and with it bytes of its
// /proc/PID/stat; a tool that mounts over /proc chooses all of them.
#include "telemetry/kernel_text.h"
#include "telemetry/machine_counters.h"
#include "telemetry/network_counters.h"
#include "telemetry/process_counters.h"
#include "telemetry/process_maps.h"
#include "tests/fuzz/target.h"

void run_target(std::string_view text) {
  using namespace lumos;
  LUMOS_CHECK(anonymous_code_bytes(text) >= 0);
  if (const auto stat = parse_process_stat(text)) LUMOS_CHECK(text.contains(") "));
  if (const auto ticks = parse_cpu_ticks(text)) LUMOS_CHECK(text.starts_with("cpu "));
  if (const auto ns = parse_pressure_some_ns(text)) LUMOS_CHECK(*ns % 1000 == 0);
  if (const auto bytes = interface_bytes(text, "eth0")) LUMOS_CHECK(text.contains("eth0:"));
  for (const char* key : {"usage_usec ", "rbytes=", "Pss:", ""}) {
    const auto first = number_after(text, key), sum = sum_after(text, key);
    LUMOS_CHECK(!first || text_after(text, key));
    if (*key != 0) LUMOS_CHECK(!first || sum || text.size() > 20);  // a sum that does not fit is none
  }
  for (int n = 1; n <= 9; ++n) LUMOS_CHECK(!word_at(text, n).contains(' '));
}
