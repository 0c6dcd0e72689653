#include "control/environment/link_probe.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "host/tunnel.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kIpUdp = 28;         // bytes of the headers
constexpr std::int64_t kLargestUdp = 1472;  // fills a packet of 1500 bytes
constexpr std::int64_t kSmallUdp = 36;
constexpr double kIpTcp = 1500.0 / 1448;  // of a bulk transfer: 20 bytes of IP, 32 of TCP
constexpr std::int64_t kPacketsPerSecond = 10'000;
constexpr double kLossesWanted = 100;

sockaddr_in name_of(std::uint32_t address, int port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(address);
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  return name;
}

Expected<Fd> socket_at(const LinkSide& side, int type) {
  const auto there = LUMOS_TRY(InNetwork::enter(side.network));
  Fd fd(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto own = name_of(side.address, 0);
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
    return fail_errno("a socket to look at a link");
  return fd;
}

int port_of(const Fd& fd) {
  sockaddr_in name{};
  socklen_t size = sizeof name;
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.sin_port);
}

int connect_to(const Fd& from, std::uint32_t address, int port) {
  const auto name = name_of(address, port);
  return ::connect(from.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
}

void wait_readable(const Fd& fd, std::int64_t until, short events = POLLIN) {
  const std::int64_t left = std::max<std::int64_t>(0, until - monotonic_ns());
  const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
  pollfd wait{fd.get(), events, 0};
  ::ppoll(&wait, 1, &timeout, nullptr);
}

// A packet on its way: numbered, so that what comes late is not taken for another's.
struct Arrival {
  std::int64_t number = 0, at = 0;
};

// Sends numbered packets of one size from one side to the other, so many a second, and sees what comes.
class Stream {
 public:
  static Expected<Stream> open(const LinkSide& from, const LinkSide& to) {
    Stream s;
    s.from_ = LUMOS_TRY(socket_at(from, SOCK_DGRAM));
    s.to_ = LUMOS_TRY(socket_at(to, SOCK_DGRAM));
    const int room = 32 << 20;  // while this process is not running, they wait here
    for (const Fd* fd : {&s.from_, &s.to_}) {
      ::setsockopt(fd->get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
      ::setsockopt(fd->get(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    }
    if (connect_to(s.from_, to.address, port_of(s.to_)) != 0) return fail_errno("a socket to look at a link");
    return s;
  }

  /// `last_wait`: after the last was sent, for what is still on its way.
  void run(std::int64_t packets, std::int64_t payload, double per_second, Nanoseconds last_wait) {
    sent_.assign(static_cast<std::size_t>(packets), 0);
    arrivals_.clear();
    std::vector<char> buffer(static_cast<std::size_t>(payload));
    const std::int64_t begin = monotonic_ns();
    std::int64_t next = 0, end = begin;
    for (std::int64_t i = 0; i < packets || (std::ssize(arrivals_) < packets && monotonic_ns() < end);) {
      const std::int64_t now = monotonic_ns();
      while (i < packets && next <= now) {
        std::memcpy(buffer.data(), &i, sizeof i);
        sent_[static_cast<std::size_t>(i)] = monotonic_ns();
        (void)::send(from_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        ++i;
        next = begin + static_cast<std::int64_t>(static_cast<double>(i) * 1e9 / per_second);
        end = now + last_wait.count();
      }
      take();
      wait_readable(to_, i < packets ? next : end);
    }
    take();
  }

  const std::vector<Arrival>& arrivals() const { return arrivals_; }
  std::int64_t sent(std::int64_t number) const { return sent_[static_cast<std::size_t>(number)]; }

 private:
  void take() {
    std::array<char, 2048> buffer;
    for (;;) {
      const ssize_t size = ::recv(to_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size < static_cast<ssize_t>(sizeof(std::int64_t))) return;
      Arrival arrival{.at = monotonic_ns()};
      std::memcpy(&arrival.number, buffer.data(), sizeof arrival.number);
      if (arrival.number >= 0 && arrival.number < std::ssize(sent_)) arrivals_.push_back(arrival);
    }
  }

  Fd from_, to_;
  std::vector<std::int64_t> sent_;
  std::vector<Arrival> arrivals_;
};

double transmission_ms(const LinkDirection& d, std::int64_t bytes) {
  return d.rate_bit_per_s == 0 ? 0 : static_cast<double>(bytes) * 8e3 / static_cast<double>(d.rate_bit_per_s);
}

// Longest that a packet of the direction may be on its way.
Nanoseconds patience(const LinkDirection& d) {
  const double queue_ms = transmission_ms(d, d.queue_bytes);
  return d.delay + 20 * d.jitter.of + Nanoseconds(static_cast<std::int64_t>(queue_ms * 1e6)) + 200ms;
}

void read_delays(Stream& stream, const LinkDirection& d, const ProbeEffort& effort, DirectionReading& reading) {
  // So far apart that jitter seldom makes one wait for the one ahead.
  const Nanoseconds apart = std::clamp<Nanoseconds>(6 * d.jitter.of, 5ms, 100ms);
  stream.run(effort.delays, kSmallUdp, 1e9 / static_cast<double>(apart.count()), patience(d));
  std::vector<double> delays;
  for (const auto& a : stream.arrivals())
    delays.push_back(static_cast<double>(a.at - stream.sent(a.number)) / 1e6 - transmission_ms(d, kSmallUdp + kIpUdp));
  reading.delays = std::ssize(delays);
  if (delays.empty()) return;
  double sum = 0, squares = 0;
  for (const double v : delays) sum += v;
  const double mean = sum / static_cast<double>(delays.size());
  for (const double v : delays) squares += (v - mean) * (v - mean);
  reading.delay_ms = mean;
  if (delays.size() > 1) reading.delay_deviation_ms = std::sqrt(squares / static_cast<double>(delays.size() - 1));
}

void read_loss(Stream& stream, const LinkDirection& d, const ProbeEffort& effort, DirectionReading& reading) {
  // Half of what the rate lets through: what is dropped is dropped by chance.
  const double bits = static_cast<double>(kSmallUdp + kIpUdp) * 8;
  const double per_second = d.rate_bit_per_s == 0
                                ? kPacketsPerSecond
                                : std::min<double>(kPacketsPerSecond, static_cast<double>(d.rate_bit_per_s) / 2 / bits);
  const double wanted = d.loss > 0 ? kLossesWanted / d.loss : 500;
  const double affordable = per_second * static_cast<double>(effort.most_losses) / kPacketsPerSecond;
  const auto packets = static_cast<std::int64_t>(std::max(10.0, std::min(wanted, affordable)));
  stream.run(packets, kSmallUdp, per_second, patience(d));
  reading.counted = packets;
  reading.lost = packets - std::ssize(stream.arrivals());
}

void read_rate(Stream& stream, const LinkDirection& d, const ProbeEffort& effort, DirectionReading& reading) {
  if (d.rate_bit_per_s == 0) return;
  const double packet_bits = static_cast<double>(kLargestUdp + kIpUdp) * 8;
  const double per_second = 1.3 * static_cast<double>(d.rate_bit_per_s) / packet_bits / (1 - d.loss);
  const auto packets =
      static_cast<std::int64_t>(std::max(12.0, per_second * static_cast<double>(effort.train.count()) / 1e9));
  stream.run(packets, kLargestUdp, per_second, patience(d));
  const auto& arrivals = stream.arrivals();
  if (arrivals.size() < 10) return;
  const auto span = static_cast<double>(arrivals.back().at - arrivals.front().at);
  if (span > 0) reading.rate_bit_per_s = static_cast<double>(arrivals.size() - 1) * packet_bits * 1e9 / span;
}

Expected<DirectionReading> probe_direction(const LinkDirection& d, const LinkSide& from, const LinkSide& to,
                                           const ProbeEffort& effort) {
  Stream stream = LUMOS_TRY(Stream::open(from, to));
  DirectionReading reading;
  read_delays(stream, d, effort, reading);
  read_loss(stream, d, effort, reading);
  read_rate(stream, d, effort, reading);
  return reading;
}

// A bulk transfer between two sockets that are connected. Bits per second of whole packets, in the second half.
std::optional<double> transfer(const Fd& from, const Fd& to, Nanoseconds window) {
  const std::vector<char> block(256 << 10, 'x');
  std::vector<char> taken(256 << 10);
  const std::int64_t begin = monotonic_ns(), half = begin + window.count() / 2, end = begin + window.count();
  std::int64_t bytes = 0, first = 0, last = 0;
  for (std::int64_t now = begin; now < end; now = monotonic_ns()) {
    while (::send(from.get(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    }
    wait_readable(to, std::min(end, now + 1'000'000));
    const ssize_t size = ::recv(to.get(), taken.data(), taken.size(), MSG_DONTWAIT);
    if (size <= 0) continue;
    last = monotonic_ns();
    if (last < half) continue;
    if (first == 0)
      first = last;
    else
      bytes += size;
  }
  if (bytes == 0 || last <= first) return std::nullopt;
  return static_cast<double>(bytes) * 8e9 * kIpTcp / static_cast<double>(last - first);
}

// A connection from who asks to who answers; how long its handshake took, and what it carries each way.
Expected<> probe_tcp(const LinkProfile& asked, const LinkSide& asking, const LinkSide& answering,
                     const ProbeEffort& effort, LinkReading& reading) {
  const Fd listener = LUMOS_TRY(socket_at(answering, SOCK_STREAM));
  if (::listen(listener.get(), 1) != 0) return fail_errno("listening behind a link");
  const Fd client = LUMOS_TRY(socket_at(asking, SOCK_STREAM));
  const std::int64_t begin = monotonic_ns();
  const std::int64_t until = begin + 5'000'000'000 + 2 * (asked.up.delay + asked.down.delay).count();
  (void)connect_to(client, answering.address, port_of(listener));
  wait_readable(client, until, POLLOUT);
  tcp_info info{};
  socklen_t size = sizeof info;
  ::getsockopt(client.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
  if (info.tcpi_state != TCP_ESTABLISHED) return {};  // what it could not do is absent
  reading.connect_ms = static_cast<double>(monotonic_ns() - begin) / 1e6;
  wait_readable(listener, until);
  const Fd served(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!served) return {};
  const Nanoseconds window = effort.bulk + 10 * (asked.up.delay + asked.down.delay);
  if (asked.down.rate_bit_per_s > 0) reading.down.bulk_bit_per_s = transfer(served, client, window);
  // What is left of it is thrown away: the next transfer, and the run, find the link empty.
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  for (const Fd* fd : {&served, &client}) ::setsockopt(fd->get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  return {};
}

}  // namespace

Expected<LinkReading> probe_link(const LinkProfile& asked, const LinkSide& asking, const LinkSide& answering,
                                 const ProbeEffort& effort) {
  LinkReading reading;
  reading.up = LUMOS_TRY(probe_direction(asked.up, asking, answering, effort));
  reading.down = LUMOS_TRY(probe_direction(asked.down, answering, asking, effort));
  LUMOS_TRY(probe_tcp(asked, asking, answering, effort, reading));
  // The link's queues run empty.
  const std::int64_t empty = monotonic_ns() + std::max(patience(asked.up), patience(asked.down)).count();
  while (monotonic_ns() < empty) ::poll(nullptr, 0, 10);
  return reading;
}

nlohmann::ordered_json to_json(const DirectionReading& r) {
  const auto or_null = [](std::optional<double> v) {
    return v ? nlohmann::ordered_json(*v) : nlohmann::ordered_json(nullptr);
  };
  return {{"delay_ms", or_null(r.delay_ms)},
          {"delay_deviation_ms", or_null(r.delay_deviation_ms)},
          {"delays", r.delays},
          {"counted", r.counted},
          {"lost", r.lost},
          {"rate_bit_per_s", or_null(r.rate_bit_per_s)},
          {"bulk_bit_per_s", or_null(r.bulk_bit_per_s)}};
}

}  // namespace lumos
