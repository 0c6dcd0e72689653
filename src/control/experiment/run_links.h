// The links that a plan's cells name, joined for its run.
#pragma once

#include <map>
#include <string>

#include "control/backend/local.h"
#include "control/environment/links.h"
#include "control/environment/storage.h"
#include "control/load/connection.h"
#include "policy/placement.h"
#include "record/plan.h"

namespace lumos {

/// Lives as long as the backend: the emulator ends with it.
class RunLinks {
 public:
  explicit RunLinks(const Plan& plan) : plan_(plan) {}

  /// Where the gateway listens: 127.0.0.1, or with links to clients an address that they reach too.
  std::uint32_t gateway_address() const;
  /// Where a start reaches the registry, by the factor `link_registry`. Known before anything is joined.
  std::uint32_t registry_address(const Environment& environment) const;
  /// Where instances reach a storage server over a link, by its kind and the factor `link_storage`. Known likewise.
  std::map<StorageWay, std::uint32_t> storage_addresses() const;

  /// Joins, starts the emulator, and looks what each link does. In the run's namespaces, where the servers of storage
  /// have theirs. `registry` is its network; -1: there is none. Error: kEnvironment.
  Expected<> make(CommandRunner& runner, const ForkProcess& fork, const Place& place, int registry);
  void begin() { links_.begin(); }

  /// The gateway as a client reaches it, by the cells' factor `link_client`.
  std::map<std::string, Endpoint> gateway_by_link(int port) const;

  /// {"links":[…]}; nothing without links.
  nlohmann::ordered_json describe() const;

 private:
  const Plan& plan_;
  Links links_;
};

}  // namespace lumos
