#include <CLI/CLI.hpp>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "analysis/load_checks.h"
#include "base/file.h"
#include "base/suggest.h"
#include "base/units.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "report/load_report.h"

namespace lumos {
namespace {

struct Options {
  std::string url, rate, arrivals = "poisson", think = "0s", duration, timeout = "10s", method, body, digest,
                         samples_to;
  std::vector<std::string> headers;
  int connections = 64;
  std::uint64_t seed = 1;
  std::size_t sample_limit = 1'000'000;
  bool closed = false, allow_remote = false, no_real_time = false, json = false;
};

Expected<Nanoseconds> read_time(const char* option, const std::string& text, bool may_be_zero = false) {
  const auto time = parse_duration(text);
  if (!time) return fail(ErrorCode::kUsage, "{} {}: {}", option, text, time.error().message);
  if (*time <= Nanoseconds(0) && !may_be_zero)
    return fail(ErrorCode::kUsage, "{} {}: must be longer than nothing", option, text);
  if (*time > std::chrono::hours(24 * 30))
    return fail(ErrorCode::kUsage, "{} {}: is longer than 30 days", option, text);
  return *time;
}

// "10ms", or "exp:10ms".
Expected<ThinkTime> read_think(const std::string& text) {
  constexpr std::string_view kExponential = "exp:";
  const bool exponential = text.starts_with(kExponential);
  const std::string mean = exponential ? text.substr(kExponential.size()) : text;
  return ThinkTime{.mean = LUMOS_TRY(read_time("--think", mean, true)), .exponential = exponential};
}

// A line break would make two headers of one, or a second request.
Expected<std::pair<std::string, std::string>> read_header(const std::string& text) {
  const std::size_t colon = text.find(':');
  const bool printable = std::ranges::all_of(text, [](unsigned char c) { return c >= ' ' && c != 0x7f; });
  if (colon == 0 || colon == std::string::npos || !printable || text.substr(0, colon).contains(' '))
    return fail(ErrorCode::kUsage, "--header '{}': expected 'Name: value' without line breaks", text);
  const std::size_t value = text.find_first_not_of(' ', colon + 1);
  return std::pair(text.substr(0, colon), value == std::string::npos ? "" : text.substr(value));
}

Expected<LoadRequest> make_request(const Options& o, const Target& target) {
  static const std::vector<std::string> kMethods{"GET", "POST", "PUT", "DELETE"};
  const std::string body = o.body.starts_with('@') ? LUMOS_TRY(read_file(o.body.substr(1))) : o.body;
  const std::string method = o.method.empty() ? (body.empty() ? "GET" : "POST") : o.method;
  if (!std::ranges::contains(kMethods, method)) {
    return fail(ErrorCode::kUsage, "--method {}: unknown{}; known: GET, POST, PUT, DELETE", method,
                suggestion(method, kMethods));
  }
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& text : o.headers) headers.push_back(LUMOS_TRY(read_header(text)));
  const auto is_type = [](const auto& header) { return CLI::detail::to_lower(header.first) == "content-type"; };
  if (!body.empty() && std::ranges::none_of(headers, is_type)) headers.emplace_back("Content-Type", "application/json");
  return LoadRequest{.bytes = http::format_request(method, target.path, target.host, headers, body),
                     .digest = o.digest};
}

Expected<LoadSpec> make_spec(const Options& o, const CLI::App& verb) {
  if (o.closed == (!o.rate.empty() || verb.count("--arrivals") > 0)) {
    return fail(ErrorCode::kUsage,
                "load: say --rate R (an open load; --arrivals file:PATH has its own times), or --closed, not both");
  }
  if (!o.closed && verb.count("--think") > 0)
    return fail(ErrorCode::kUsage, "--think: only the users of --closed think");
  LoadSpec spec{.target = LUMOS_TRY(parse_target(o.url, o.allow_remote))};
  spec.request = LUMOS_TRY(make_request(o, spec.target));
  if (!o.closed) spec.arrivals = LUMOS_TRY(parse_arrivals(o.arrivals, o.rate));
  spec.think = LUMOS_TRY(read_think(o.think));
  const auto own = spec.arrivals ? spec.arrivals->duration() : std::nullopt;
  spec.duration = o.duration.empty() ? own.value_or(spec.duration) : LUMOS_TRY(read_time("--duration", o.duration));
  spec.timeout = LUMOS_TRY(read_time("--timeout", o.timeout));
  spec.connections = o.connections;
  spec.seed = o.seed;
  spec.sample_limit = o.sample_limit;
  spec.real_time = !o.no_real_time;
  return spec;
}

/// The load in a thread of its own, whose core and priority are its own too: what this thread prints may block.
class Running {
 public:
  explicit Running(const LoadSpec& spec)
      : thread_([this, &spec] {
          auto result =
              run_load(spec, {.progress = [this](const LoadProgress& p) { publish(p); }, .interrupted = interrupted});
          const std::scoped_lock lock(mutex_);
          result_ = std::move(result);
          changed_.notify_one();
        }) {}

  /// Shows what comes until the load has ended.
  Expected<LoadResult> wait(const std::function<void(const LoadProgress&)>& show) {
    std::unique_lock lock(mutex_);
    while (!result_) {
      changed_.wait(lock, [this] { return result_ || progress_; });
      if (const auto progress = std::exchange(progress_, std::nullopt)) {
        lock.unlock();
        show(*progress);
        lock.lock();
      }
    }
    return std::move(*result_);
  }

 private:
  // Never waits: a report that comes while the one before is read is left out.
  void publish(const LoadProgress& progress) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return;
    progress_ = progress;
    changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<LoadProgress> progress_;
  std::optional<Expected<LoadResult>> result_;
  std::jthread thread_;  // last: it uses the others
};

VerbResult load(const Options& o, const CLI::App& verb) {
  const LoadSpec spec = LUMOS_TRY(make_spec(o, verb));
  watch_for_interrupts();
  Running running(spec);
  auto ended = [&] {
    ProgressLine line;
    return running.wait([&](const LoadProgress& p) { line.show(progress_text(spec, p)); });
  }();
  const LoadResult result = LUMOS_TRY(std::move(ended));
  const std::vector<Check> checks = check_load(result);
  if (!o.samples_to.empty()) LUMOS_TRY(write_file(o.samples_to, load_csv(result)));
  if (o.json) {
    std::fputs(load_json(result, checks).c_str(), stdout);
  } else {
    std::printf("%snext: docs/load.md says what each line means\n", load_text(result, checks).c_str());
  }
  if (result.interrupted) return 130;
  const bool failed = std::ranges::contains(checks, CheckStatus::kFail, &Check::status);
  return failed ? static_cast<int>(ErrorCode::kMeasuredFailure) : 0;
}

}  // namespace

void add_load(CLI::App& app, VerbResult& result) {
  auto* verb = app.add_subcommand(
      "load", "Sends requests to a URL of this machine at a rate, or as so many users, and says how they fared");
  auto o = std::make_shared<Options>();
  verb->add_option("url", o->url, "http://127.0.0.1:PORT/PATH")->required();
  verb->add_option("--rate", o->rate,
                   "Requests per second: 500; 100:10s,100-500:30s (steps, ramps); sine:MEAN,AMPLITUDE,PERIOD");
  verb->add_option("--arrivals", o->arrivals,
                   "uniform, poisson, mmpp, mmpp:RATIO,BURST,CALM, or file:PATH (times in s, a line each)")
      ->capture_default_str();
  verb->add_flag("--closed", o->closed, "As many users as connections, each sends when it was answered");
  verb->add_option("--think", o->think, "With --closed: pause between answer and request: 10ms, or exp:10ms (random)")
      ->capture_default_str();
  verb->add_option("--connections", o->connections, "At most so many at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  verb->add_option("--duration", o->duration,
                   "How long requests are sent (default: as long as the rate or the file says, or 10s)");
  verb->add_option("--timeout", o->timeout, "Of a request, from its intended time")->capture_default_str();
  verb->add_option("--method", o->method, "GET, POST, PUT or DELETE (default: GET, or POST with a body)");
  verb->add_option("--body", o->body, "Of every request; @FILE reads it from a file");
  verb->add_option("--header", o->headers, "'Name: value' (may be repeated)")->allow_extra_args(false);
  verb->add_option("--digest", o->digest, "The Lumos-Digest of a right answer; others count as wrong_output");
  verb->add_option("--seed", o->seed, "Of the random arrivals")->capture_default_str();
  verb->add_option("--samples", o->sample_limit, "So many raw samples are kept; of more, a uniform sample")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}));
  verb->add_option("--samples-to", o->samples_to, "Writes the raw samples to a CSV file");
  verb->add_flag("--allow-remote", o->allow_remote, "The URL may lie on another machine: one that is yours to load");
  verb->add_flag("--no-real-time", o->no_real_time, "An open load leaves core and priority as they are");
  verb->add_flag("--json", o->json, "Machine-readable (docs/load.md)");
  verb->footer(
      "Examples:\n  ./lumos load http://127.0.0.1:8080/ --rate 2000 --arrivals poisson --connections 64 --duration "
      "10s\n"
      "  ./lumos load http://127.0.0.1:8080/ --closed --connections 20 --think 50ms --body '{\"n\":1000}'");
  verb->callback([&result, o, verb] { result = load(*o, *verb); });
}

}  // namespace lumos
