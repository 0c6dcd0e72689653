// `--set key=value`: changes a tree before it is validated.
#pragma once

#include <string_view>

#include "workload/yaml.h"

namespace lumos {

/// Applies "stop.budget=2m": a dotted path of keys (or of list indices from 0), then a value in YAML's flow style.
/// Missing maps and keys are made; whether they may exist, validation decides. Nodes so set, and errors, are positioned
/// at
/// "--set stop.budget=2m". Error: kUsage; the tree is then unchanged, but for maps made on the way.
Expected<> override_value(YamlNode& root, std::string_view assignment);

}  // namespace lumos
