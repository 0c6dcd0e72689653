// What a device profile says of a device: what instances on it may take of this machine.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/clock.h"

namespace lumos {

/// A device as it is emulated on this machine; nullopt: the profile does not limit it.
struct Device {
  std::string name = "none";          // of the profile; "none": no device is emulated
  std::optional<std::int64_t> cores;  // on so many of those for instances
  std::optional<Nanoseconds> quota;   // CPU time in each period, over all its cores, whole microseconds
  std::optional<Nanoseconds> period;  // with a quota
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> read_bytes_per_s, reads_per_s;  // from the disk that holds the images

  bool emulated() const { return name != "none"; }
  bool operator==(const Device&) const = default;
};

/// {"name":"slice-1c-0.5","emulated":true,"cores":1,"quota_ns":50000000,…}; not limited: null.
nlohmann::ordered_json to_json(const Device& device);
/// What to_json wrote. Throws nlohmann's exceptions.
Device device_from_json(const nlohmann::json& json);

}  // namespace lumos
