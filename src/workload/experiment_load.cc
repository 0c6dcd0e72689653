#include "workload/experiment_load.h"

#include <algorithm>

#include "base/units.h"
#include "workload/arrivals.h"
#include "workload/yaml_read.h"

namespace lumos {
namespace {

using Words = std::vector<std::string>;

constexpr std::int64_t kMostUsers = 10'000, kMostSamples = 1'000'000;
constexpr Nanoseconds kLongest = std::chrono::hours(24);

// "2s"; "0s" too.
Expected<Nanoseconds> read_pause(const YamlNode& node, std::string_view what) {
  const auto duration =
      node.kind == YamlNode::Kind::kScalar ? parse_duration(node.scalar) : Expected<Nanoseconds>(Nanoseconds(-1));
  if (duration && *duration >= Nanoseconds(0) && *duration <= kLongest) return *duration;
  return fail_at(node.mark, "{} must be a duration from 0s to 24h such as 50ms or 2s, not {}", what, found(node));
}

Expected<Nanoseconds> read_window(const YamlNode& node, std::string_view what) {
  const Nanoseconds duration = LUMOS_TRY(read_duration(node, what));
  if (duration >= std::chrono::milliseconds(100) && duration <= kLongest) return duration;
  return fail_at(node.mark, "{} must be from 100ms to 24h, not {}", what, found(node));
}

// The keys that open and closed loads share.
Expected<> read_common(const YamlNode& node, const std::string& key, CellLoad& load) {
  if (const auto* duration = node.find("duration"))
    load.duration = LUMOS_TRY(read_window(*duration, std::format("'{}.duration'", key)));
  if (const auto* warmup = node.find("warmup"))
    load.warmup = LUMOS_TRY(read_pause(*warmup, std::format("'{}.warmup'", key)));
  if (const auto* samples = node.find("samples"))
    load.samples = LUMOS_TRY(read_integer(*samples, std::format("'{}.samples'", key), 1, kMostSamples));
  return {};
}

// "50ms", or "exp:50ms".
Expected<> read_think(const YamlNode& node, CellLoad& load) {
  constexpr std::string_view kExponential = "exp:";
  YamlNode mean = node;
  load.think_exponential = node.kind == YamlNode::Kind::kScalar && node.scalar.starts_with(kExponential);
  if (load.think_exponential) mean.scalar = node.scalar.substr(kExponential.size());
  load.think = LUMOS_TRY(read_pause(mean, "'load.closed.think'"));
  return {};
}

Expected<LoadPoints> read_closed(const YamlNode& node) {
  static const Words kKeys{"concurrency", "think", "duration", "warmup", "samples"};
  LUMOS_TRY(check_map(node, "'load.closed'", kKeys));
  std::vector<std::int64_t> levels{1};
  if (const YamlNode* concurrency = node.find("concurrency")) {
    constexpr std::string_view kWhat = "'load.closed.concurrency'";
    levels.clear();
    for (const YamlNode* item : LUMOS_TRY(read_items(*concurrency, kWhat))) {
      const auto value = LUMOS_TRY(read_integer(*item, kWhat, 1, kMostUsers));
      LUMOS_TRY(push_unique(levels, value, *item, kWhat));
    }
  }
  const auto given = [&](const char* key) { return node.find(key) != nullptr; };
  const bool window = given("think") || given("duration") || given("warmup") || given("samples");
  if (levels == std::vector<std::int64_t>{1} && !window) return LoadPoints{std::nullopt};
  CellLoad load;
  LUMOS_TRY(read_common(node, "load.closed", load));
  if (const auto* think = node.find("think")) LUMOS_TRY(read_think(*think, load));
  LoadPoints points;
  for (const std::int64_t level : levels) {
    load.concurrency = level;
    points.emplace_back(load);
  }
  return points;
}

struct Written {
  std::string text;
  const YamlNode* node;
};

Expected<std::vector<Written>> read_texts(const YamlNode& node, std::string_view what) {
  std::vector<std::string> texts;
  std::vector<Written> written;
  for (const YamlNode* item : LUMOS_TRY(read_items(node, what))) {
    std::string text = LUMOS_TRY(read_text(*item, what));
    LUMOS_TRY(push_unique(texts, std::move(text), *item, what));
    written.push_back({texts.back(), item});
  }
  return written;
}

// A window as long as the load lasts by itself, where it says so.
Expected<CellLoad> open_point(const CellLoad& common, bool has_duration, const Written& arrivals, const Written& rate) {
  const auto spec = parse_arrivals(arrivals.text, rate.text);
  if (!spec) return fail_at(rate.node->mark, "{}", spec.error().message);
  CellLoad load = common;
  load.rate = rate.text;
  load.arrivals = arrivals.text;
  load.times = spec->times;
  if (!has_duration) load.duration = std::max(spec->duration().value_or(load.duration), Nanoseconds(100'000'000));
  return load;
}

Expected<LoadPoints> read_open(const YamlNode& node) {
  static const Words kKeys{"rate", "arrivals", "duration", "warmup", "samples"};
  LUMOS_TRY(check_map(node, "'load.open'", kKeys));
  CellLoad common{.open = true};
  LUMOS_TRY(read_common(node, "load.open", common));
  const bool has_duration = node.find("duration") != nullptr;
  std::vector<Written> rates, arrivals{{common.arrivals, &node}};
  if (const auto* given = node.find("arrivals")) arrivals = LUMOS_TRY(read_texts(*given, "'load.open.arrivals'"));
  if (const auto* given = node.find("rate")) {
    rates = LUMOS_TRY(read_texts(*given, "'load.open.rate'"));
    for (const auto& rate : rates) {
      if (const auto parsed = parse_rate(rate.text); !parsed)
        return fail_at(rate.node->mark, "'load.open.rate': {}", parsed.error().message);
    }
  }
  LoadPoints points;
  for (const auto& process : arrivals) {
    const bool listed = process.text.starts_with("file:");
    if (listed) {
      points.emplace_back(LUMOS_TRY(open_point(common, has_duration, process, {"", process.node})));
      continue;
    }
    // What is wrong with the arrivals shows with any rate.
    if (const auto parsed = parse_arrivals(process.text, "1"); !parsed)
      return fail_at(process.node->mark, "'load.open.arrivals': {}", parsed.error().message);
    if (rates.empty())
      return fail_at(node.mark, "'load.open' must have a 'rate', such as {{open: {{rate: [50, 100]}}}}");
    for (const auto& rate : rates) points.emplace_back(LUMOS_TRY(open_point(common, has_duration, process, rate)));
  }
  const bool all_listed = std::ranges::all_of(arrivals, [](const Written& w) { return w.text.starts_with("file:"); });
  if (all_listed && !rates.empty())
    return fail_at(rates.front().node->mark,
                   "'load.open.rate' has no place beside arrivals that have their times in a file");
  return points;
}

}  // namespace

Expected<LoadPoints> read_load(const YamlNode& node) {
  static const Words kLoads{"closed", "open"};
  LUMOS_TRY(check_map(node, "'load'", kLoads));
  const YamlNode *closed = node.find("closed"), *open = node.find("open");
  if (closed != nullptr && open != nullptr)
    return fail_at(open->mark, "'load' is either closed or open: make two experiments of it");
  if (closed != nullptr) return read_closed(*closed);
  if (open != nullptr) return read_open(*open);
  return fail_at(
      node.mark,
      "'load' must say 'closed' or 'open', such as {{closed: {{concurrency: [1, 10]}}}} or {{open: {{rate: 50}}}}");
}

}  // namespace lumos
