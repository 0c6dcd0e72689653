// When work of a stated rate is due.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace lumos {

/// Slices of work, each due so long after the one before. One that comes late is not made up for beyond `most_late`: a
/// neighbour that was kept from working does not work twice as much afterwards. One thread.
class Pace {
 public:
  Pace(Nanoseconds begin, Nanoseconds every, Nanoseconds most_late)
      : due_(begin), every_(every), most_late_(most_late) {}

  /// A slice was done: until when to wait before the next; in the past when it is due already.
  Nanoseconds next(Nanoseconds now) {
    due_ = std::max(due_ + every_, now - most_late_);
    return due_;
  }

 private:
  Nanoseconds due_, every_, most_late_;
};

}  // namespace lumos
