// Progress on standard error: one line that is rewritten on a terminal, plain lines every few seconds elsewhere.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"

namespace lumos {

class ProgressLine {
 public:
  ProgressLine();
  /// Ends a rewritten line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const std::string& text);
  /// A line that stays, whatever the terminal.
  void note(const std::string& text);

 private:
  bool terminal_;
  bool open_ = false;
  std::int64_t last_ns_ = 0;
};

}  // namespace lumos
