// Tables `loads` and `load_latencies`. Internal to src/record.
#pragma once

#include <vector>

#include "record/load.h"
#include "record/sqlite.h"

namespace lumos {

Expected<> write_load(sqlite3* db, const LoadRecord& load);
/// By visit. Error: kUsage when a row is damaged.
Expected<std::vector<LoadRecord>> read_loads(sqlite3* db);

}  // namespace lumos
