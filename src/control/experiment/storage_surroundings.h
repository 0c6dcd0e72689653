// The storage of a run as what lies around its instances.
#pragma once

#include <memory>
#include <vector>

#include "control/backend/surroundings.h"
#include "control/environment/storage.h"

namespace lumos {

/// The kinds of storage that the plan's deployments name, `inline` aside.
std::set<std::string> storages_of(const Plan& plan);

/// Called in the machine's own network namespace, from which the user's servers are reached. `plan` outlives it.
/// `environments` are those of the launcher's specs, in their order. nullptr where the plan needs no storage.
std::unique_ptr<Surroundings> make_storage_surroundings(const Plan& plan, std::vector<Environment> environments,
                                                        StorageConfig config);

}  // namespace lumos
