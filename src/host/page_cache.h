// The page cache of single files: what of them is in it, bringing them in, dropping them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "record/vocabulary.h"

namespace lumos {

/// Pages of one file or of several, and those of them that are in the page cache.
struct CachedPages {
  std::int64_t pages = 0, cached = 0;
};

/// By mincore. Touches no page. nullopt when the file cannot be opened or mapped. About 10 µs, and 5 ms for 130 MB.
std::optional<CachedPages> cached_pages(const std::filesystem::path& file);

/// What came of bringing files into a state.
struct CacheReading {
  CachedPages sum;
  std::string exception;  // the file that is furthest from the state, or that could not be read; empty: there is none
};

/// Reads the files whole into the page cache, or writes back and drops every page of them, and looks. The kernel keeps
/// pages that a process has mapped, and those of a file system that is the page cache itself (tmpfs): such files are
/// the exception. On an overlay the page cache belongs to the file of the lower layer: name that one.
CacheReading bring_into(CacheState state, std::span<const std::filesystem::path> files);

}  // namespace lumos
