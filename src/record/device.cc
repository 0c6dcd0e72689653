#include "record/device.h"

#include <array>
#include <utility>

#include "record/json.h"

namespace lumos {
namespace {

using Number = std::optional<std::int64_t> Device::*;
constexpr std::array<std::pair<const char*, Number>, 4> kNumbers{{{"cores", &Device::cores},
                                                                  {"memory_bytes", &Device::memory_bytes},
                                                                  {"read_bytes_per_s", &Device::read_bytes_per_s},
                                                                  {"reads_per_s", &Device::reads_per_s}}};
using Time = std::optional<Nanoseconds> Device::*;
constexpr std::array<std::pair<const char*, Time>, 2> kTimes{
    {{"quota_ns", &Device::quota}, {"period_ns", &Device::period}}};

}  // namespace

nlohmann::ordered_json to_json(const Device& device) {
  nlohmann::ordered_json json{{"name", device.name}, {"emulated", device.emulated()}};
  for (const auto& [key, field] : kNumbers)
    json[key] = device.*field ? nlohmann::ordered_json(*(device.*field)) : nlohmann::ordered_json(nullptr);
  for (const auto& [key, field] : kTimes)
    json[key] = device.*field ? nlohmann::ordered_json((device.*field)->count()) : nlohmann::ordered_json(nullptr);
  return json;
}

Device device_from_json(const nlohmann::json& json) {
  Device device{.name = json.at("name")};
  for (const auto& [key, field] : kNumbers) {
    if (const auto& value = json.at(key); !value.is_null()) device.*field = integer(value);
  }
  for (const auto& [key, field] : kTimes) {
    if (const auto& value = json.at(key); !value.is_null()) device.*field = Nanoseconds(integer(value));
  }
  return device;
}

}  // namespace lumos
