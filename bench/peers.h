// What the benchmarks of gateway and load generator stand beside: a server that answers everything alike, and nginx.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/fd.h"
#include "base/file.h"
#include "host/process.h"

namespace lumos::bench {

/// A socket that listens on a free port of 127.0.0.1, and the port.
inline std::pair<Fd, int> listen_on_loopback() {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in name{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof name;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&name), size) != 0 || ::listen(fd.get(), 1024) != 0) std::abort();
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
  return {std::move(fd), ntohs(name.sin_port)};
}

/// A process that ends with this one.
inline pid_t start(const std::function<int()>& body) {
  const auto pid = fork_process(0, [&] {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    return body();
  });
  if (!pid) std::abort();
  return *pid;
}

inline void end(pid_t pid) {
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

/// Gives every piece of input that answer: requests are small and come one at a time. Never returns.
inline int serve(const Fd& listening, std::string_view answer) {
  const Fd epoll(::epoll_create1(0));
  const auto watch = [&](int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
  };
  watch(listening.get());
  std::array<epoll_event, 64> events;
  std::array<char, 4096> buffer;
  for (;;) {
    const int n = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listening.get()) {
        const int peer = ::accept(fd, nullptr, nullptr), on = 1;
        ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(peer);
      } else if (::recv(fd, buffer.data(), buffer.size(), 0) <= 0 ||
                 ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) {
        ::close(fd);
      }
    }
  }
}

/// One that listens on 127.0.0.1.
struct Server {
  int port = 0;
  pid_t pid = 0;
  std::string url() const { return std::format("http://127.0.0.1:{}/", port); }
};

/// One worker, in the foreground, with no files but those in `folder`; `http` goes before its one server, `location`
/// into it; `prepare` runs in its process before it. nullopt: not installed, or it does not start.
inline std::optional<Server> start_nginx(const std::filesystem::path& folder, const std::string& http,
                                         const std::string& location, const std::function<void()>& prepare = {}) {
  const int port = listen_on_loopback().second;  // free now
  const std::string dir = folder.string(), file = dir + "/nginx.conf";
  std::string text = "daemon off; master_process off; error_log " + dir + "/error.log crit; pid " + dir + "/pid;\n";
  text += "events { worker_connections 4096; }\nhttp { access_log off; keepalive_requests 1000000000;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text += std::format("{}_temp_path {}/{};\n", kind, dir, kind);
  text += std::format("{}\nserver {{ listen 127.0.0.1:{}; location / {{ {} }} }} }}\n", http, port, location);
  if (!write_file(file, text)) std::abort();
  const pid_t pid = start([&] {
    if (prepare) prepare();
    ::execlp("nginx", "nginx", "-p", dir.c_str(), "-c", file.c_str(), nullptr);
    return 127;
  });
  const sockaddr_in address{.sin_family = AF_INET,
                            .sin_port = htons(static_cast<std::uint16_t>(port)),
                            .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  for (int i = 0; i < 500; ++i) {
    if (::waitpid(pid, nullptr, WNOHANG) != 0) return std::nullopt;
    const Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return Server{port, pid};
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  end(pid);
  return std::nullopt;
}

}  // namespace lumos::bench
