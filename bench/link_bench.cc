// The link emulator: delay, rate and loss that are found against those that were asked, for a table of links, each on
// its own and one after the other, five rounds. Also what a TCP transfer makes of the rate.
//   ./dev bench link
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include <cmath>

#include "bench/figures.h"
#include "bench/must.h"
#include "control/environment/links.h"
#include "host/placement.h"
#include "host/process.h"
#include "host/tunnel.h"

using namespace lumos;
using bench::die;
using bench::must;
using namespace std::chrono_literals;

namespace {

constexpr int kRounds = 5;
constexpr int kDelays = 50, kJitteredDelays = 250;  // probes a round and direction

LinkProfile link_of(const char* name, Nanoseconds delay, double mbit, double loss, Jitter jitter = {}) {
  LinkDirection d{.delay = delay, .jitter = jitter, .loss = loss};
  d.rate_bit_per_s = static_cast<std::int64_t>(mbit * 1e6);
  d.queue_bytes = d.rate_bit_per_s == 0 ? 0 : std::max<std::int64_t>(d.rate_bit_per_s / 80, 24'000);
  return {.name = name, .up = d, .down = d};
}

// What one link was found to do, over all rounds and both directions.
struct Found {
  std::vector<double> delay_error_ms, rate_error, bulk_mbit, connect_ms;
  double lost = 0, counted = 0;
};

void look(const LinkProfile& profile, Found& found) {
  SystemCommandRunner runner;
  Links links;
  pid_t emulator = 0;
  must(links.join(runner, {.name = "client"}, profile, must(make_network(runner))));
  must(links.start(
      [&](const std::function<int()>& body) -> Expected<pid_t> {
        emulator = LUMOS_TRY(fork_process(0, body));
        return emulator;
      },
      1, {allowed_cores().front()}, false));
  must(links.probe({.delays = profile.up.jitter.of > 0ns ? kJitteredDelays : kDelays,
                    .most_losses = 60'000,
                    .train = 1s,
                    .bulk = 2s}));
  const LinkReading& reading = *links.find({.name = "client"}, profile.name)->reading;
  for (const auto& [asked, got] : {std::pair(&profile.up, &reading.up), std::pair(&profile.down, &reading.down)}) {
    if (got->delay_ms)
      found.delay_error_ms.push_back(*got->delay_ms - static_cast<double>(asked->mean_delay().count()) / 1e6);
    if (got->rate_bit_per_s)
      found.rate_error.push_back(100 * (*got->rate_bit_per_s / static_cast<double>(asked->rate_bit_per_s) - 1));
    if (got->bulk_bit_per_s) found.bulk_mbit.push_back(*got->bulk_bit_per_s / 1e6);
    found.lost += static_cast<double>(got->lost);
    found.counted += static_cast<double>(got->counted);
  }
  if (reading.connect_ms) found.connect_ms.push_back(*reading.connect_ms);
  ::kill(emulator, SIGKILL);
  ::waitpid(emulator, nullptr, 0);
}

}  // namespace

int main() {
  if (::unshare(CLONE_NEWNET) != 0) die({ErrorCode::kEnvironment, "a network namespace of its own (needs root)"});
  const std::vector<LinkProfile> links{
      link_of("1ms", 1ms, 0, 0),
      link_of("25ms", 25ms, 0, 0),
      link_of("25ms-normal", 25ms, 0, 0, {.of = 3ms, .distribution = JitterKind::kNormal}),
      link_of("25ms-pareto", 25ms, 0, 0, {.of = 2ms, .distribution = JitterKind::kPareto}),
      link_of("1Mbit", 10ms, 1, 0),
      link_of("12Mbit", 35ms, 12, 0),
      link_of("100Mbit", 100us, 100, 0),
      link_of("200Mbit", 10ms, 200, 0),
      link_of("loss-1%", 10ms, 50, 0.01),
      link_of("loss-5%", 10ms, 50, 0.05),
  };
  std::vector<Found> found(links.size());
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < links.size(); ++i) look(links[i], found[i]);
    std::printf("round %d of %d\n", round + 1, kRounds);
    std::fflush(stdout);
  }
  for (std::size_t i = 0; i < links.size(); ++i) {
    const Found& f = found[i];
    const double loss = links[i].up.loss;
    std::printf("%s\n", links[i].name.c_str());
    bench::figure("  delay, found − asked", f.delay_error_ms, "ms", "within 0.3");
    if (const Nanoseconds jitter = links[i].up.jitter.of; jitter > 0ns) {
      double sum = 0;
      for (const double error : f.delay_error_ms) sum += error;
      std::printf("  of all rounds: %+.3f ms (chance alone ±%.3f)\n",
                  sum / static_cast<double>(f.delay_error_ms.size()),
                  1.96 * static_cast<double>(jitter.count()) / 1e6 / std::sqrt(2.0 * kRounds * kJitteredDelays));
    }
    bench::figure("  handshake", f.connect_ms, "ms", "");
    if (!f.rate_error.empty()) bench::figure("  rate, found over asked − 1", f.rate_error, "%", "within 3");
    if (!f.bulk_mbit.empty()) bench::figure("  TCP transfer, as packets", f.bulk_mbit, "Mb/s", "");
    std::printf("  lost %.0f of %.0f: %.4f %%", f.lost, f.counted, 100 * f.lost / f.counted);
    if (loss > 0)
      std::printf(", asked %.4g %%: %+.1f %% of it (within 10; chance alone %.1f)", 100 * loss,
                  100 * (f.lost / f.counted / loss - 1), 196 / std::sqrt(f.counted * loss));
    std::printf("\n");
  }
}
