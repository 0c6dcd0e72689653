// Every deployment of a plan against the contract.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "control/contract/contract.h"
#include "control/contract/direct_instances.h"

namespace lumos {

/// What was found of one function on one runtime with one storage.
struct VerifiedDeployment {
  std::string function, runtime;
  Environment environment;
  std::vector<ContractVerdict> verdicts;

  bool kept() const;
};

/// Launches an instance of each deployment, one after the other, and holds it to the contract with the inputs of its
/// cells (the same payload in every format); `takes_key` says of a function whether a request may name a stored object.
/// With a storage, only the lines that it has a part in, and that the right result lies in it. An instance that cannot
/// be made, or ends by itself, breaks the line `ready`. Error: the machine or Lumos failed.
Expected<std::vector<VerifiedDeployment>> verify_deployments(
    const Plan& plan, DirectInstances& instances, const std::function<bool(const std::string& function)>& takes_key,
    const std::function<void(const std::string& what)>& progress);

}  // namespace lumos
