// A device profile of any bytes is a device within the kernel's bounds, or an Error that names its place.
#include "tests/fuzz/target.h"
#include "workload/device_profile.h"

void run_target(std::string_view text) {
  const auto device = lumos::parse_device_profile(text, "slice-fuzz.yaml");
  if (!device) {
    LUMOS_CHECK(device.error().code == lumos::ErrorCode::kUsage);
    LUMOS_CHECK(device.error().message.starts_with("slice-fuzz.yaml:"));
    return;
  }
  LUMOS_CHECK(device->emulated() && device->cores && *device->cores >= 1);
  LUMOS_CHECK(device->quota.has_value() == device->period.has_value());
  LUMOS_CHECK(!device->quota || (device->quota->count() > 0 && *device->quota <= *device->period * *device->cores));
  LUMOS_CHECK(!device->memory_bytes || *device->memory_bytes > 0);
  LUMOS_CHECK(lumos::device_from_json(lumos::to_json(*device)) == *device);
}
