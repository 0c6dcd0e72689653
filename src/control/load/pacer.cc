#include "control/load/pacer.h"

#include <algorithm>

namespace lumos {

// At most half of the wait is spent on looking. At high rates the waits are shorter than `spin`, and a real-time thread
// that never sleeps is stopped by the kernel for 5 % of every second.
int Pacer::wait(std::int64_t until) {
  const Nanoseconds left = Nanoseconds(until) - clock_.now();
  if (left <= Nanoseconds(0)) return std::max(poll_(Nanoseconds(0)), 0);
  const Nanoseconds spin = std::min(spin_, left / 2);
  int ready = poll_(left - spin);
  if (ready != 0 || spin == Nanoseconds(0)) return std::max(ready, 0);
  const Nanoseconds began = clock_.now();
  Nanoseconds now = began;
  while (ready == 0 && now < Nanoseconds(until)) {
    ready = poll_(Nanoseconds(0));
    now = clock_.now();
  }
  spun_ += now - began;
  return std::max(ready, 0);
}

}  // namespace lumos
