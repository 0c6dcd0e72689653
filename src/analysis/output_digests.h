// Which results a run's answers had, over all its runtimes.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "analysis/cell_records.h"

namespace lumos {

/// The digests of one function and payload: runtime → digests of its answers.
using DigestsByRuntime = std::map<std::string, std::set<std::string>>;

/// What names an input: function and payload (where that is no factor, the input's number).
std::string input_key(const CellRecords& records);

/// The digests of every input. A function's result may not depend on anything else (functions/README.md).
std::map<std::string, DigestsByRuntime> digests_by_input(std::span<const CellRecords> cells);

}  // namespace lumos
