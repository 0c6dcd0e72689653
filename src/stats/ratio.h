// How many times slower: the ratio of two medians.
#pragma once

#include <optional>

#include "stats/bootstrap.h"

namespace lumos {

/// numerator.p50 / denominator.p50 with its 95 % interval from their draws, taken in pairs: the two must come from
/// streams of different names. nullopt when a median is missing or infinite, or the denominator is not above 0. Without
/// an interval when one of them has none, or when failures leave a draw undefined (inf / inf).
std::optional<Estimate> ratio_of_medians(const QuantileEstimates& numerator, const QuantileEstimates& denominator);

}  // namespace lumos
