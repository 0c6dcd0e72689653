// A device profile: a YAML file that says what instances may take of this machine, so that it stands for a smaller one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "record/device.h"

namespace lumos {

/// Reads and validates a profile; the device is named after the file. Error: kUsage, "FILE:LINE:COLUMN: message".
Expected<Device> parse_device_profile(std::string_view text, const std::string& file_name);

/// The same from a file.
Expected<Device> read_device_profile(const std::filesystem::path& file);

/// All of FOLDER/*.yaml, by name. Errors as the others; kEnvironment when the folder cannot be read.
Expected<std::vector<Device>> load_device_profiles(const std::filesystem::path& folder);

}  // namespace lumos
