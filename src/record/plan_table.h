// Tables `meta`, `deployments` and `cells`: the plan of a run. Internal to src/record.
#pragma once

#include "record/plan.h"
#include "record/sqlite.h"

namespace lumos {

/// With the schema's version, and its inputs.
Expected<> write_plan(sqlite3* db, const Plan& plan);
/// Error: kUsage when it is damaged.
Expected<Plan> read_plan(sqlite3* db);

}  // namespace lumos
