// One client of the gateway: reads one request at a time, writes one response at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "http/event_loop.h"
#include "http/message.h"

namespace lumos {

/// What a client may take of the gateway's time and memory.
struct ClientLimits {
  Nanoseconds header_timeout = std::chrono::seconds(10);  // from a request's first byte to the end of its head
  Nanoseconds body_timeout = std::chrono::seconds(60);    // from there to its last byte
  Nanoseconds write_timeout = std::chrono::seconds(60);   // for a response that the client does not take
  std::size_t clients = 0;                                // at one time; 0: as the descriptors allow
  std::size_t held_bytes = std::size_t{512} << 20;        // of all clients' requests that are not answered yet
};

class Client;

/// What becomes of a client's requests.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  virtual void on_request(Client& client, const http::Message& message) = 0;
  /// The client is over. It may be destroyed, but not from within this call.
  virtual void on_gone(Client& client) = 0;
  /// Whether so many bytes more may be kept; less when negative.
  virtual bool hold(std::int64_t more) = 0;
};

/// Hands on each whole request and takes the next only after `respond`. What is no HTTP is answered with 400, what
/// comes too slowly with 408, and the connection is closed. An idle client costs no time. One thread (the loop's).
class Client {
 public:
  Client(http::EventLoop& loop, Fd fd, std::int64_t id, const ClientLimits& limits, ClientEvents& events);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::int64_t id() const { return id_; }

  /// The response to the current request, as it goes on the wire.
  void respond(std::string bytes, bool keep_alive);

 private:
  enum class State {
    kReading,
    kBusy,       // a response is due; what the client sends meanwhile waits in the kernel
    kWriting,    // a response is not taken yet
    kLingering,  // refused: what still comes is thrown away, so that the refusal is not lost by a reset
    kGone
  };
  void on_event(std::uint32_t events);
  void advance();
  bool receive();
  void take(std::string_view bytes);
  void write_some();
  void refuse(int status, std::string_view why);
  void linger();
  void leave();
  void limit_time(Nanoseconds time, void (Client::*then)());
  void free_time();
  void read_too_slowly();

  http::EventLoop& loop_;
  Fd fd_;
  const std::int64_t id_;
  const ClientLimits& limits_;
  ClientEvents& events_;
  http::Parser parser_{http::Parser::Kind::kRequest};
  State state_ = State::kReading;
  std::string in_, out_;
  std::size_t written_ = 0;
  std::int64_t held_ = 0;
  std::optional<http::EventLoop::Timer> timer_;
  bool readable_ = false, hung_up_ = false, advancing_ = false;
  bool close_after_ = false, linger_after_ = false, keep_alive_asked_ = true, in_body_ = false;
};

}  // namespace lumos
