// Which cores each role of a run uses: a pure function of the cores that there are.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

namespace lumos {

/// Where one role runs.
struct Place {
  std::vector<int> cores;
  bool alone = false;      // on one core that no other role uses: there it may wait by looking again and again
  bool real_time = false;  // and before every ordinary process there; only where it is alone

  bool operator==(const Place&) const = default;
};

/// Core numbers by role. What is measured, and what launches it, never shares a core with those who watch it, but when
/// there is one core only.
struct Placement {
  Place conductor, generator, gateway, storage, links;
  Place instances;      // the launcher's too, and those of neighbours
  bool shared = false;  // one core only: everybody on it

  /// For the manifest: cores by role, the roles that are alone, and those in real time.
  nlohmann::ordered_json to_json() const;
};

/// The plan for the cores that this process may use, at least one. Of n cores those who watch have half, but at most
/// five, and the instances the others, the last ones. Of two to five cores of theirs the generator has its own, whose
/// lateness would be taken for latency, then the gateway, the links, and the storage; the rest share the first.
Placement plan_placement(const std::vector<int>& cores);

}  // namespace lumos
