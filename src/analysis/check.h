// A verdict on a cell, with its evidence.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "record/vocabulary.h"

namespace lumos {

enum class CheckStatus : std::uint8_t {
  kPass,
  kFlag,  // look at it before quoting the number
  kFail,  // the number is not what its factors say
};

template <>
struct Names<CheckStatus> {
  static constexpr std::array<std::pair<CheckStatus, std::string_view>, 3> kTable{
      {{CheckStatus::kPass, "pass"}, {CheckStatus::kFlag, "flag"}, {CheckStatus::kFail, "fail"}}};
};

struct Check {
  std::string name;
  CheckStatus status = CheckStatus::kPass;
  std::string detail;  // one sentence of evidence
};

}  // namespace lumos
