#include "control/environment/link_emulator.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <deque>
#include <format>
#include <limits>
#include <memory>

#include "base/clock.h"
#include "control/environment/link_shaper.h"
#include "host/placement.h"

namespace lumos {
namespace {

constexpr std::int64_t kSpin = 50'000;  // ns
constexpr std::size_t kLargestPacket = 65536;
constexpr int kReadAtOnce = 64;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// Packets on their way from one tunnel to the other.
class Direction {
 public:
  Direction(const LinkDirection& direction, std::uint64_t seed, const std::string& stream, int from, int to)
      : shaper_(direction, seed, stream), from_(from), to_(to) {}

  // True: more may be there. Each packet's time is that of its reading: what waited in the tunnel's queue meanwhile
  // waits on.
  bool take() {
    for (int i = 0; i < kReadAtOnce; ++i) {
      const ssize_t size = ::read(from_, buffer_.data(), buffer_.size());
      if (size <= 0) return false;
      if ((static_cast<unsigned char>(buffer_[0]) >> 4) != 4) continue;  // the kernel looks for IPv6 neighbours unasked
      const auto verdict = shaper_.offer(monotonic_ns(), size);
      if (verdict.fate != PacketFate::kPassed) continue;
      waiting_.push_back({verdict.departure, {buffer_.data(), static_cast<std::size_t>(size)}});
    }
    return true;
  }

  // Lets go of what is due. A full device drops the packet, as a network would.
  void pass(std::int64_t now) {
    while (!waiting_.empty() && waiting_.front().departure <= now) {
      const std::string& bytes = waiting_.front().bytes;
      [[maybe_unused]] const ssize_t written = ::write(to_, bytes.data(), bytes.size());
      waiting_.pop_front();
    }
  }

  std::int64_t next() const { return waiting_.empty() ? kNever : waiting_.front().departure; }
  void begin_outages(std::int64_t now) { shaper_.begin_outages(now); }

 private:
  struct Packet {
    std::int64_t departure;
    std::string bytes;
  };
  LinkShaper shaper_;
  int from_, to_;
  std::deque<Packet> waiting_;
  std::array<char, kLargestPacket> buffer_{};
};

class Emulator {
 public:
  Emulator(LinkEmulatorConfig config, Channel conductor)
      : config_(std::move(config)), conductor_(std::move(conductor)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < config_.links.size(); ++i) {
      const auto& [profile, asking, answering] = config_.links[i];
      const std::string stream = std::format("link {} {}", i, profile.name);
      directions_.push_back(
          std::make_unique<Direction>(profile.up, config_.seed, stream + " up", asking.get(), answering.get()));
      directions_.push_back(
          std::make_unique<Direction>(profile.down, config_.seed, stream + " down", answering.get(), asking.get()));
      watch(asking.get());
      watch(answering.get());
    }
    watch(conductor_.fd());
  }

  int run() {
    std::array<epoll_event, 64> events;
    for (;;) {
      bool more = false;
      for (const auto& direction : directions_) more = direction->take() || more;
      std::int64_t next = kNever;
      for (const auto& direction : directions_) {
        direction->pass(monotonic_ns());
        next = std::min(next, direction->next());
      }
      const int ready = wait(events, more ? 0 : next);
      for (int i = 0; i < ready; ++i) {
        if (events[static_cast<std::size_t>(i)].data.fd == conductor_.fd() && !hear()) return 0;
      }
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    LUMOS_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0);
  }

  // Until something comes or `next` is due.
  int wait(std::array<epoll_event, 64>& events, std::int64_t next) {
    const std::int64_t spin = config_.exclusive ? kSpin : 0;
    const std::int64_t left = next == kNever ? 0 : std::max<std::int64_t>(0, next - monotonic_ns() - spin);
    const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    return ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()),
                          next == kNever ? nullptr : &timeout, nullptr);
  }

  bool hear() {
    const auto order = conductor_.receive<BeginOutages>();
    if (!order) return false;
    for (const auto& direction : directions_) direction->begin_outages((*order)->now);
    return true;
  }

  LinkEmulatorConfig config_;
  Channel conductor_;
  Fd epoll_;
  std::vector<std::unique_ptr<Direction>> directions_;
};

}  // namespace

int run_link_emulator(LinkEmulatorConfig config, Channel conductor) {
  (void)bind_to_cores(config.cores);
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  if (!config.exclusive || !enter_real_time()) ::setpriority(PRIO_PROCESS, 0, -20);
  return Emulator(std::move(config), std::move(conductor)).run();
}

}  // namespace lumos
