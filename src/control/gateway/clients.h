// All clients of the gateway.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "control/gateway/client.h"

namespace lumos {

/// Accepts clients, as many as the limits and this process's descriptors allow: one too many is told so by a 503 and
/// let go. So that instances can still be reached, some descriptors are never given to clients. One thread (the
/// loop's).
class Clients final : private ClientEvents {
 public:
  /// `on_request` gets each whole request with the number by which it is answered.
  Clients(http::EventLoop& loop, Fd listener, const ClientLimits& limits,
          std::function<void(std::int64_t client, const http::Message& message)> on_request);
  ~Clients() override;
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  /// The response to the client's current request, as it goes on the wire. Nothing when it has gone meanwhile.
  void respond(std::int64_t client, std::string bytes, bool keep_alive = true);

 private:
  void accept_some();
  void turn_away(const Fd& fd) const;
  void rest();
  void on_request(Client& client, const http::Message& message) override;
  void on_gone(Client& client) override;
  bool hold(std::int64_t more) override;

  http::EventLoop& loop_;
  Fd listener_;
  ClientLimits limits_;
  std::function<void(std::int64_t, const http::Message&)> on_request_;
  std::unordered_map<std::int64_t, std::unique_ptr<Client>> clients_;
  std::int64_t numbers_ = 0, held_ = 0;
};

}  // namespace lumos
