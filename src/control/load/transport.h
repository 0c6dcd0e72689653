// Where a load's requests go and its time comes from: the seam at which tests put a server that exists in no time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "record/vocabulary.h"

namespace lumos {

/// A request of a load.
struct Due {
  std::int64_t number = 0;    // from 0, in the order in which the window's were due; below 0 before the window
  std::int64_t intended = 0;  // ns
};

/// An exchange that has ended. Stamps are ns; sent is 0 when nothing was.
struct Completion {
  int connection = 0;
  Outcome outcome = Outcome::kOk;
  std::int64_t sent = 0, done = 0;
};

/// Connections, numbered from 0, that carry one exchange at a time. One thread.
class Transport {
 public:
  virtual ~Transport() = default;
  /// ns.
  virtual std::int64_t now() const = 0;
  /// Begins an exchange on an idle connection; what became of it if it ended at once.
  virtual std::optional<Completion> begin(int connection, const Due& due) = 0;
  /// Ends an exchange that takes too long.
  virtual Completion give_up(int connection) = 0;
  /// A request took too long before a connection was free for it.
  virtual void never_sent(const Due&, std::int64_t /*done*/) {}
  /// Waits until `until`, or less when something ends or a signal comes; valid until the next call.
  virtual std::span<const Completion> wait(std::int64_t until) = 0;
};

}  // namespace lumos
