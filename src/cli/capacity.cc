#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

#include "analysis/cell_records.h"
#include "analysis/factors.h"
#include "analysis/run_summary.h"
#include "analysis/slo_judgement.h"
#include "base/file.h"
#include "base/units.h"
#include "cli/measure.h"
#include "cli/progress.h"
#include "record/run_data.h"
#include "record/store.h"
#include "report/capacity_report.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kRepetitions = 6;  // from six on a quantile has an interval
// What a probe's cell is, whatever the rate.
constexpr std::initializer_list<std::string_view> kAskedFactors{"start", "cache",       "runtime_cache", "load",
                                                                "rate",  "concurrency", "arrivals"};
// A failure of these says that the numbers are not those of the cell.
constexpr std::array kProofs{"same_output", "aot_executed", "interpreter_executed", "same_image"};

struct Options {
  fs::path experiment, out, resume;
  std::string slo, precision = "5%", budget = "10m", backend = "local";
  std::vector<std::string> overrides;
  bool json = false;
};

struct Search {
  const Places& places;
  const Options& options;
  std::vector<SloTerm> slo;
  CellLoad load;            // of the probes, but for the rate
  std::vector<Json> cells;  // factors that the search leaves alone
  fs::path folder;
  bool interrupted = false;
};

// "functions=[{name: noop}]": one cell of the experiment, by its factors. Text stands in quotes, as YAML in flow style
// has it.
std::vector<std::string> overrides_of(const Json& factors) {
  std::vector<std::string> sets;
  std::string function = "{name: " + factors.at("function").dump();
  if (!factors.at("payload").is_null()) function += ", payload: " + factors.at("payload").dump();
  sets.push_back("functions=[" + function + "}]");
  sets.push_back("runtimes=[" + factors.at("runtime").dump() + "]");
  for (const char* factor : {"base", "isa", "wasm_simd", "aot_level", "storage", "format"}) {
    const auto found = factors.find(factor);
    if (found != factors.end() && !found->is_null())
      sets.push_back(std::format("{}=[{}]", factor, found->is_string() ? found->get<std::string>() : found->dump()));
  }
  return sets;
}

// Devices and neighbours, where the experiment has several: "cpu:50%" is {cpu: 50%} there.
std::vector<std::string> surroundings_of(const std::vector<Json>& cells, const Json& factors) {
  std::vector<std::string> sets;
  for (const char* factor : {"device", "neighbour"}) {
    const auto differs = [&](const Json& other) {
      return other.value(factor, "none") != factors.value(factor, "none");
    };
    if (std::ranges::none_of(cells, differs)) continue;
    const std::string value = factors.value(factor, "none");
    const std::size_t colon = value.find(':');
    sets.push_back(colon == std::string::npos
                       ? std::format("{}=[{}]", factor, value)
                       : std::format("{}=[{{{}: {}}}]", factor, value.substr(0, colon), value.substr(colon + 1)));
  }
  return sets;
}

std::vector<std::string> overrides_of_probe(const Search& search, const Json& factors, double rate) {
  auto sets = search.options.overrides;
  std::ranges::copy(overrides_of(factors), std::back_inserter(sets));
  std::ranges::copy(surroundings_of(search.cells, factors), std::back_inserter(sets));
  const CellLoad& load = search.load;
  sets.push_back(
      std::format("load={{open: {{rate: {:g}, arrivals: \"{}\", duration: {}ns, warmup: {}ns, samples: {}}}}}", rate,
                  load.arrivals, load.duration.count(), load.warmup.count(), load.samples));
  for (const char* key : {"stop.min", "stop.max"}) sets.push_back(std::format("{}={}", key, kRepetitions));
  sets.emplace_back("stop.budget=24h");
  sets.emplace_back("density=0");
  return sets;
}

Expected<std::int64_t> finished_visits(const fs::path& store) {
  const Store opened = LUMOS_TRY(Store::open(store));
  return std::ranges::count(LUMOS_TRY(opened.visits()), true, &Visit::finished);
}

// A probe that a search before this one has made is taken as it is; one that was cut is gone on with.
Expected<Measured> measure_probe(const Search& search, const Json& factors, double rate, const fs::path& folder) {
  const RunFolder run{folder};
  if (!fs::exists(run.store()))
    return measure(search.places, {.experiment = search.options.experiment,
                                   .out = folder,
                                   .overrides = overrides_of_probe(search, factors, rate),
                                   .backend = search.options.backend});
  if (LUMOS_TRY(finished_visits(run.store())) >= kRepetitions) return Measured{.run = run};
  return measure(search.places, {.resume = folder, .backend = search.options.backend});
}

Expected<ProbeVerdict> probe(Search& search, const Json& factors, double rate, const fs::path& folder) {
  const Measured measured = LUMOS_TRY(measure_probe(search, factors, rate, folder));
  search.interrupted = measured.interrupted;
  const RunData run = LUMOS_TRY(load_run(measured.run));
  const RunSummary summary = summarise(run);
  const auto records = records_by_cell(run);
  if (records.size() != 1)
    return fail(ErrorCode::kInternal, "{}: a probe of {} cells", folder.string(), records.size());
  bool delivered = true;
  std::string broken;
  for (const Check& check : summary.cells.front().checks) {
    if (check.status != CheckStatus::kFail) continue;
    delivered = delivered && check.name != "load_delivered";
    if (std::ranges::contains(kProofs, check.name)) broken = check.name + ": " + check.detail;
  }
  const Judgement judged = judge_slo(search.slo, records.front(), delivered, run.plan.seed);
  ProbeVerdict verdict{.meets = judged.meets,
                       .sure = judged.sure,
                       .delivered = judged.delivered,
                       .reason = judged.reason,
                       .run = measured.run.path.string()};
  if (!broken.empty()) verdict = {.sure = true, .reason = broken, .run = verdict.run};
  return verdict;
}

std::string label_of_cell(const Json& factors) {
  const std::string built = built_otherwise(factors);
  return function_label(factors) + " " + factor_text(factors, "runtime") + (built.empty() ? "" : " " + built);
}

// Cells of the experiment that differ in more than what is asked of them, each once.
std::vector<Json> cells_of(const Plan& plan) {
  std::vector<Json> cells;
  std::vector<std::string> known;
  for (const auto& cell : plan.cells) {
    const std::string key = factor_key(cell.factors, kAskedFactors);
    if (std::ranges::contains(known, key)) continue;
    known.push_back(key);
    Json factors = cell.factors;
    for (const auto factor : kAskedFactors) factors.erase(std::string(factor));
    cells.push_back(std::move(factors));
  }
  return cells;
}

// Arrivals, window and warm-up are the experiment's where it has an open load.
Expected<CellLoad> load_of_probes(const Plan& plan, const fs::path& file) {
  const auto& given = plan.cells.front().load;
  if (!given || !given->open)
    return CellLoad{.open = true, .duration = std::chrono::seconds(5), .warmup = std::chrono::seconds(1)};
  if (!given->times.empty())
    return fail(ErrorCode::kUsage,
                "{}: capacity looks for a rate, and arrivals that are listed in a file have none of it", file.string());
  return *given;
}

Expected<CapacityOfCell> find(Search& search, const Json& factors, std::size_t number, const CapacitySearch& how) {
  ProgressLine line;
  const std::string label = label_of_cell(factors);
  const auto ask = [&](double rate) -> Expected<ProbeVerdict> {
    if (search.interrupted) return fail(ErrorCode::kUsage, "interrupted");
    line.note(std::format("{}: {:.3g}/s", label, rate));
    const fs::path folder = search.folder / std::format("{}-{}-{:g}", number, factor_text(factors, "runtime"), rate);
    ProbeVerdict verdict = LUMOS_TRY(probe(search, factors, rate, folder));
    line.note(std::format("  {}{}{}", verdict.meets ? "meets" : "does not meet",
                          verdict.sure ? "" : " (within the noise)",
                          verdict.reason.empty() ? "" : ": " + verdict.reason));
    return verdict;
  };
  return CapacityOfCell{.label = label, .factors = factors, .capacity = LUMOS_TRY(find_capacity(how, ask))};
}

Expected<fs::path> make_folder(const Places& places, const Options& o, const std::string& name) {
  fs::path folder = !o.resume.empty() ? o.resume
                    : !o.out.empty()  ? o.out
                                      : places.runs / (utc_now(true) + "-" + name + "-capacity");
  std::error_code error;
  if (!o.resume.empty() && !fs::is_directory(folder, error))
    return fail(ErrorCode::kUsage, "--resume {}: no such folder", folder.string());
  fs::create_directories(folder, error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  return folder;
}

Expected<double> read_precision(const std::string& text) {
  double value = 0;
  const bool percent = text.ends_with('%');
  const char* end = text.data() + text.size() - (percent ? 1 : 0);
  const auto [rest, status] = std::from_chars(text.data(), end, value);
  value /= percent ? 100 : 1;
  if (status == std::errc{} && rest == end && value >= 0.005 && value <= 0.5) return value;
  return fail(ErrorCode::kUsage, "--precision {}: expected 0.5% to 50%, such as 5%", text);
}

// Each cell gets an equal share of what is left; what one does not need goes to the others.
VerbResult capacity(const Places& places, const Options& o) {
  Search search{.places = places, .options = o, .slo = LUMOS_TRY(parse_slo(o.slo))};
  const double precision = LUMOS_TRY(read_precision(o.precision));
  const auto budget = parse_duration(o.budget);
  if (!budget || *budget <= Nanoseconds(0))
    return fail(ErrorCode::kUsage, "--budget {}: no duration such as 10m", o.budget);
  const Plan plan = LUMOS_TRY(read_plan(places, o.experiment, o.overrides)).plan;
  search.load = LUMOS_TRY(load_of_probes(plan, o.experiment));
  search.folder = LUMOS_TRY(make_folder(places, o, plan.name));
  CapacitySearch how{.precision = precision};
  const auto first_rate = Json::parse(search.load.rate, nullptr, false);
  if (first_rate.is_number() && first_rate.get<double>() > 0) how.start_per_s = first_rate.get<double>();
  CapacityReport report{.folder = search.folder.string(), .precision = precision};
  for (const auto& term : search.slo) report.slo += (report.slo.empty() ? "" : ", ") + term.text;
  if (o.backend != "local") report.note = "fake backend, scripted durations: nothing was measured";
  const MonotonicClock clock;
  const Nanoseconds end = clock.now() + *budget;
  const auto& cells = search.cells = cells_of(plan);
  for (std::size_t i = 0; i < cells.size() && !search.interrupted; ++i) {
    const Nanoseconds share = clock.now() + (end - clock.now()) / static_cast<std::int64_t>(cells.size() - i);
    const Nanoseconds one = kRepetitions * (search.load.warmup + search.load.duration);
    how.may_go_on = [&] { return !search.interrupted && (o.backend != "local" || clock.now() + one <= share); };
    report.cells.push_back(LUMOS_TRY(find(search, cells[i], i, how)));
    report.interrupted = search.interrupted;
    LUMOS_TRY(write_file(search.folder / "capacity.json", capacity_json(report)));
  }
  if (o.json) {
    std::fputs(capacity_json(report).c_str(), stdout);
  } else {
    const auto& probes = report.cells.front().capacity.probes;
    std::printf("%snext: ./lumos results %s\n", capacity_text(report).c_str(), probes.back().verdict.run.c_str());
  }
  if (report.interrupted) return 130;
  return report.failed() ? static_cast<int>(ErrorCode::kMeasuredFailure) : 0;
}

}  // namespace

void add_capacity(CLI::App& app, const Places& places, VerbResult& result) {
  auto* verb = app.add_subcommand(
      "capacity", "Finds the largest rate of requests at which each cell of an experiment meets objectives");
  auto o = std::make_shared<Options>();
  verb->add_option("experiment", o->experiment, "Experiment file: its functions, runtimes and open load")->required();
  verb->add_option("--slo", o->slo, "Objectives, such as 'p99<200ms,error<0.1%' or 'throughput>50/s'")->required();
  verb->add_option("--precision", o->precision, "How narrow the answer must be")->capture_default_str();
  verb->add_option("--budget", o->budget, "Time for the whole search")->capture_default_str();
  verb->add_option("--out", o->out, "Folder for the probes' runs (default: a new one below runs/)");
  verb->add_option("--resume", o->resume, "Such a folder to go on with: probes that are in it are not made again");
  verb->add_option("--set", o->overrides, "Changes the experiment: key=value (may be repeated)")
      ->allow_extra_args(false);
  verb->add_option("--backend", o->backend, "local, or fake (scripted durations: nothing is measured)")
      ->capture_default_str();
  verb->add_flag("--json", o->json, "Machine-readable (docs/capacity.md)");
  verb->footer(
      "Examples:\n  ./lumos capacity experiments/scalability.yaml --slo 'p99<200ms,error<0.1%'\n"
      "  ./lumos capacity experiments/smoke.yaml --slo 'p99<20ms' --precision 10% --budget 5m --set 'runtimes=[crun]'");
  verb->callback([&places, &result, o] { result = capacity(places, *o); });
}

}  // namespace lumos
