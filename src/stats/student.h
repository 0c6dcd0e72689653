// Student's t: means of few normal values.
#pragma once

#include <optional>

#include "stats/bootstrap.h"
#include "stats/moments.h"

namespace lumos {

/// P(|T| <= t) for `degrees` of freedom. t >= 0, degrees >= 1.
double student_within(double t, int degrees);

/// The t that a T of so many degrees of freedom exceeds with probability `above`. 0 < above <= 0.5.
double student_quantile(double above, int degrees);

/// The mean of independent values with its 95 % interval by Student's t; without one below two values, or where one is
/// infinite. nullopt of nothing.
std::optional<Estimate> mean_with_interval(const Moments& values);

}  // namespace lumos
