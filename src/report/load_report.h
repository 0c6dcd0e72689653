// `load`: what one load came to, for people, for programs, and sample by sample.
#pragma once

#include <span>
#include <string>

#include "analysis/check.h"
#include "control/load/load.h"

namespace lumos {

/// A few lines and the finding, no line wider than 120 columns.
std::string load_text(const LoadResult& result, std::span<const Check> checks);

/// docs/load.md has every field.
std::string load_json(const LoadResult& result, std::span<const Check> checks);

/// A header line, then a line per raw sample kept: ns since the beginning of the window, empty where nothing was sent.
std::string load_csv(const LoadResult& result);

/// "3/10 s: asked 500/s, sent 500/s, p50 120 µs, p99 1.20 ms, 0 errors".
std::string progress_text(const LoadSpec& spec, const LoadProgress& progress);

}  // namespace lumos
