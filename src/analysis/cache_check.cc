// The check of where cold starts found their files.
#include <algorithm>
#include <filesystem>
#include <format>

#include "analysis/checks.h"
#include "analysis/factors.h"
#include "analysis/wording.h"

namespace lumos {
namespace {

constexpr double kPagesThatFail = 0.01;

std::string percent(double share) { return std::format("{:.{}f} %", share * 100, share < 0.1 ? 1 : 0); }

/// The files of the image, or those of the runtime, against the factor that says where they are.
struct Files {
  const char* name;
  const char* factor;
  std::optional<std::int64_t> CacheUse::* pages;
  std::optional<std::int64_t> CacheUse::* cached;
};

constexpr Files kFiles[] = {
    {"image", "cache", &CacheUse::image_pages, &CacheUse::image_pages_cached},
    {"runtime", "runtime_cache", &CacheUse::runtime_pages, &CacheUse::runtime_pages_cached},
};

/// What the starts of a cell found of one kind of files.
struct Found {
  std::size_t unread = 0, otherwise = 0;  // starts: not looked at; with a page that was not where it should be
  double worst = 0;                       // the largest share of such pages
  std::int64_t pages = 0;
  std::string exception;
};

Found found(const CellRecords& records, const Files& files, CacheState state) {
  Found result;
  for (const auto& visit : records.visits) {
    const CacheUse& use = visit.visit->cache;
    if (!(use.*files.pages) || !(use.*files.cached)) {
      ++result.unread;
      continue;
    }
    result.pages = *(use.*files.pages);
    const std::int64_t cached = *(use.*files.cached);
    const std::int64_t wrong = state == CacheState::kDisk ? cached : result.pages - cached;
    if (wrong == 0) continue;
    ++result.otherwise;
    result.worst = std::max(result.worst, static_cast<double>(wrong) / static_cast<double>(result.pages));
    if (result.exception.empty()) result.exception = one_line(std::filesystem::path(use.exception).filename().string());
  }
  return result;
}

/// The layers of an image that is pulled: those that were on the node before each start.
void judge_layers(const CellRecords& records, CacheState state, Check& check) {
  const bool on_base = factor_text(records.cell->factors, "base") == "debian-slim";
  const std::int64_t wanted = state == CacheState::kBaseCached && on_base ? 1 : 0;
  std::size_t unread = 0, otherwise = 0;
  std::int64_t layers = 0, unpulled = 0;
  for (const auto& visit : records.visits) {
    const CacheUse& use = visit.visit->cache;
    if (!use.image_layers || !use.image_layers_there) {
      ++unread;
      continue;
    }
    layers = *use.image_layers;
    otherwise += *use.image_layers_there == wanted ? 0 : 1;
    for (const Sample* sample : visit.measured)
      unpulled += sample->outcome == Outcome::kOk && !sample->stamps.pull_end ? 1 : 0;
  }
  check.status = otherwise > 0 || unpulled > 0 ? CheckStatus::kFail
                 : unread > 0                  ? CheckStatus::kFlag
                                               : CheckStatus::kPass;
  check.detail = std::format("image: {} of {} layers on the node before each start", wanted, layers);
  if (otherwise > 0)
    check.detail = std::format("image: before {} of {} starts other layers were on the node than {} of {}", otherwise,
                               records.visits.size(), wanted, layers);
  if (unpulled > 0) check.detail += std::format(", {} starts pulled nothing", unpulled);
  if (unread > 0) check.detail += std::format("; {} starts were not looked at", unread);
}

}  // namespace

std::optional<Check> check_cache(const CellRecords& records) {
  Check check{.name = "cache_verified"};
  bool any = false;
  for (const Files& files : kFiles) {
    const auto state = parse_name<CacheState>(factor_text(records.cell->factors, files.factor));
    if (!state) continue;
    any = true;
    if (is_pulled(*state)) {
      judge_layers(records, *state, check);
      continue;
    }
    const Found pages = found(records, files, *state);
    const char* separator = check.detail.empty() ? "" : "; ";
    const bool failed = pages.worst > kPagesThatFail;
    if (failed || pages.otherwise + pages.unread > 0)
      check.status = std::max(check.status, failed ? CheckStatus::kFail : CheckStatus::kFlag);
    if (pages.unread > 0) {
      check.detail += std::format("{}{}: {} of {} starts were not looked at", separator, files.name, pages.unread,
                                  records.visits.size());
    } else if (pages.otherwise > 0) {
      check.detail +=
          std::format("{}{}: before {} of {} starts up to {} of {} pages were not {}, most of them of {}", separator,
                      files.name, pages.otherwise, records.visits.size(), percent(pages.worst), pages.pages,
                      *state == CacheState::kDisk ? "on disk alone" : "in memory", pages.exception);
    } else {
      check.detail += std::format("{}{}: {} of {} pages in memory before each start", separator, files.name,
                                  *state == CacheState::kDisk ? 0 : pages.pages, pages.pages);
    }
  }
  check.detail += '.';
  return any ? std::optional(check) : std::nullopt;
}

}  // namespace lumos
