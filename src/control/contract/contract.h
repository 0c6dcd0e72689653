// The contract of functions/README.md, line by line, against one instance.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/contract/conversation.h"
#include "record/plan.h"

namespace lumos {

/// A living instance, and what it is held to.
struct ContractSubject {
  InstanceAddress address;
  std::string instance;                             // what it must call itself
  std::vector<const Input*> inputs;                 // right requests, one for each format: JSON first
  std::optional<std::string> digest;                // of the right answer; nullopt: any, but one
  bool takes_key = false;                           // whether a request may name a stored object
  Nanoseconds patience = std::chrono::seconds(20);  // for one response
};

/// What one line of the contract came to.
struct ContractVerdict {
  std::string line;    // its name in docs/functions.md
  std::string broken;  // "" when it was kept; else what was expected and what came
};

/// All lines, in order; the instance has answered nothing before.
std::vector<ContractVerdict> check_contract(const ContractSubject& subject);

/// One of them, by its name.
ContractVerdict check_contract_line(const ContractSubject& subject, std::string_view line);

/// Their names.
std::vector<std::string> contract_lines();

}  // namespace lumos
