// The key `links` of an experiment.
#pragma once

#include "workload/experiment.h"

namespace lumos {

/// {client: [none, lte, {name: own, delay: 20ms}]}: names of profiles, profiles, or none. Fills the experiment's link
/// factors and the profiles that they name. Error: kUsage, "POSITION: message".
Expected<> read_links(const YamlNode& node, const std::vector<LinkProfile>& known, Experiment& experiment);

}  // namespace lumos
