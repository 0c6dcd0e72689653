#include "control/gateway/clients.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace lumos {
namespace {

constexpr std::size_t kKeptDescriptors = 128;  // for instances and their counters
constexpr int kAtOnce = 64;                    // accepted before others get their turn
constexpr Nanoseconds kRest = std::chrono::milliseconds(50);

std::size_t clients_by_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 512;
  const std::size_t all = limit.rlim_cur;
  return all > 4 * kKeptDescriptors ? all - kKeptDescriptors : all / 2;
}

}  // namespace

Clients::Clients(http::EventLoop& loop, Fd listener, const ClientLimits& limits,
                 std::function<void(std::int64_t, const http::Message&)> on_request)
    : loop_(loop), listener_(std::move(listener)), limits_(limits), on_request_(std::move(on_request)) {
  if (limits_.clients == 0) limits_.clients = clients_by_descriptors();
  loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept_some(); });
}

Clients::~Clients() {
  clients_.clear();
  loop_.forget(listener_.get());
}

void Clients::accept_some() {
  for (int i = 0; i < kAtOnce; ++i) {
    Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) rest();
      return;
    }
    if (clients_.size() >= limits_.clients) {
      turn_away(fd);
      continue;
    }
    const std::int64_t id = ++numbers_;
    ClientEvents& events = *this;
    clients_.emplace(id, std::make_unique<Client>(loop_, std::move(fd), id, limits_, events));
  }
}

void Clients::turn_away(const Fd& fd) const {
  static const std::string kFull = http::format_response(503, R"({"error":"too many clients"})", false);
  (void)!::send(fd.get(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// Without a descriptor the listener stays readable: it is left alone for a moment, else the loop would do nothing else.
void Clients::rest() {
  loop_.change(listener_.get(), 0);
  loop_.after(kRest, [this] { loop_.change(listener_.get(), EPOLLIN); });
}

void Clients::on_request(Client& client, const http::Message& message) { on_request_(client.id(), message); }

// It goes when nothing of it is on the stack any more.
void Clients::on_gone(Client& client) {
  loop_.after(Nanoseconds(0), [this, id = client.id()] { clients_.erase(id); });
}

bool Clients::hold(std::int64_t more) {
  held_ += more;
  return held_ <= static_cast<std::int64_t>(limits_.held_bytes);
}

void Clients::respond(std::int64_t client, std::string bytes, bool keep_alive) {
  if (const auto found = clients_.find(client); found != clients_.end())
    found->second->respond(std::move(bytes), keep_alive);
}

}  // namespace lumos
