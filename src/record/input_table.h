// The table `inputs` of run.sqlite.
#pragma once

#include <vector>

#include "record/plan.h"
#include "record/sqlite.h"

namespace lumos {

Expected<> write_inputs(sqlite3* db, const std::vector<Input>& inputs);
/// In the order of their ids. What is not recorded is empty.
Expected<std::vector<Input>> read_inputs(sqlite3* db);

}  // namespace lumos
