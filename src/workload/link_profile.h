// Link profiles as a user writes them: in a file of profiles/links/, or within an experiment.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "record/link.h"
#include "workload/yaml.h"

namespace lumos {

/// Reads a profile. Keys: `delay`, `jitter: {of, distribution}`, `loss`, `rate`, `queue`, `outage: [{at, for, every}]`
/// for both directions; `up` and `down`, maps of the same keys, that change them for one. Without `queue` it holds what
/// the rate lets through in 100 ms, at least 16 packets of 1500 bytes. In a file also `about` and `sources`, texts that
/// are for people; else also `name`, 1 to 32 letters, digits, '-' or '_'. `name` is that of the file, "" within an
/// experiment. Error: kUsage, "POSITION: message".
Expected<LinkProfile> read_link_profile(const YamlNode& node, std::string name);

/// A file's text; `file_name` is its path, whose stem names the link.
Expected<LinkProfile> parse_link_profile(std::string_view text, const std::string& file_name);

/// Every *.yaml of a folder, by name; none when there is no such folder. Error: that of the first that is wrong.
Expected<std::vector<LinkProfile>> load_link_profiles(const std::filesystem::path& folder);

}  // namespace lumos
