#include "control/backend/command_adapter.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <format>

#include "host/tunnel.h"

namespace lumos {
namespace {

constexpr std::size_t kPiece = 64 << 10;
constexpr std::size_t kLogged = 300;  // of the output of a command that failed

Expected<> make_pipe(Fd& read_end, Fd& write_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("a pipe of a command");
  read_end = Fd(ends[0]);
  write_end = Fd(ends[1]);
  return {};
}

bool would_wait() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

Expected<Fd> listen_in(const std::string& network, int port) {
  const Fd file(::open(network.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno(network);
  const auto inside = LUMOS_TRY(InNetwork::enter(file.get()));
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;  // connections of the port's last listener may still be known
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd.get(), 1) != 0) {
    return fail_errno("listening for a command");
  }
  return fd;
}

Expected<CommandAdapter> CommandAdapter::make(Fd listener, int log, End end) {
  CommandAdapter adapter(std::move(listener), log, std::move(end));
  LUMOS_TRY(make_pipe(adapter.command_input_, adapter.input_));
  LUMOS_TRY(make_pipe(adapter.output_, adapter.command_output_));
  // The command's ends block, as programs expect of their standard files.
  for (const Fd* ours : {&adapter.input_, &adapter.output_}) {
    if (::fcntl(ours->get(), F_SETFL, O_NONBLOCK) != 0) return fail_errno("a pipe of a command");
  }
  return adapter;
}

void CommandAdapter::let_go() {
  command_input_.reset();
  command_output_.reset();
}

void CommandAdapter::add_waits(std::vector<pollfd>& waits) const {
  const auto add = [&](const Fd& fd, short events) {
    if (fd) waits.push_back({fd.get(), events, 0});
  };
  add(listener_, POLLIN);
  if (!request_) add(client_, POLLIN);
  if (request_) add(input_, POLLOUT);
  add(output_, POLLIN);
  if (answered_) add(client_, POLLOUT);
}

void CommandAdapter::advance() {
  if (listener_) accept();
  if (client_ && !request_) read_request();
  if (input_ && request_) write_input();
  if (output_) read_output();
  if (waits_for_end()) answer();
  if (client_ && answered_) write_answer();
}

// One connection: a command has one request.
void CommandAdapter::accept() {
  client_ = Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!client_) return;
  const int on = 1;
  ::setsockopt(client_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  listener_.reset();
}

void CommandAdapter::read_request() {
  std::array<char, kPiece> piece;
  while (!parser_.complete()) {
    const ssize_t n = ::recv(client_.get(), piece.data(), piece.size(), 0);
    if (n < 0 && would_wait()) return;
    if (n <= 0 || !parser_.feed({piece.data(), static_cast<std::size_t>(n)})) return client_.reset();
  }
  request_ = parser_.take().body;
}

void CommandAdapter::write_input() {
  while (passed_ < request_->size()) {
    const ssize_t n = ::write(input_.get(), request_->data() + passed_, request_->size() - passed_);
    if (n < 0 && would_wait()) return;
    if (n < 0) break;  // it has closed its input, or ended: it may not want all of it
    passed_ += static_cast<std::size_t>(n);
  }
  input_.reset();
}

void CommandAdapter::read_output() {
  std::array<char, kPiece> piece;
  while (written_by_it_.size() <= kMaxCommandOutput) {
    const ssize_t n = ::read(output_.get(), piece.data(), piece.size());
    if (n < 0 && would_wait()) return;
    if (n <= 0) break;
    written_by_it_.append(piece.data(), static_cast<std::size_t>(n));
  }
  output_.reset();
}

void CommandAdapter::answer() {
  std::string reason;
  if (written_by_it_.size() > kMaxCommandOutput) {
    reason = std::format("the command wrote more than {} MiB", kMaxCommandOutput >> 20);
  } else {
    const auto end = end_();
    if (!end) return;
    reason = *end;
  }
  answered_ = true;
  input_.reset();
  if (reason.empty()) {
    answer_ = std::format(
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\nConnection: "
        "close\r\n\r\n{}",
        written_by_it_.size(), written_by_it_);
    return;
  }
  answer_ = http::format_response(502, std::format(R"({{"error":"{}"}})", reason), false);
  // WasmEdge writes its errors to standard output.
  std::string note = written_by_it_.substr(written_by_it_.size() - std::min(written_by_it_.size(), kLogged));
  if (!note.empty() && !note.ends_with('\n')) note += '\n';
  ::dprintf(log_, "%s%s\n", note.c_str(), reason.c_str());
}

void CommandAdapter::write_answer() {
  while (sent_ < answer_.size()) {
    const ssize_t n = ::send(client_.get(), answer_.data() + sent_, answer_.size() - sent_, MSG_NOSIGNAL);
    if (n < 0 && would_wait()) return;
    if (n < 0) break;
    sent_ += static_cast<std::size_t>(n);
  }
  client_.reset();
}

}  // namespace lumos
