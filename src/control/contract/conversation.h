// A client that says whatever it is told, also what no HTTP client would.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "http/message.h"

namespace lumos {

/// Where an instance listens.
struct InstanceAddress {
  std::uint32_t ip = 0;  // host byte order
  int port = 0;
};

/// What came back until the end of a conversation.
struct Heard {
  std::vector<http::Message> responses;  // whole ones
  bool closed = false;                   // by the peer, in order
  std::string trouble;                   // "" or what went wrong: not connected, reset, no HTTP, nothing in time

  int status() const { return responses.empty() ? 0 : responses.front().status; }
};

/// One connection. Never throws, never blocks for longer than its patience. One thread.
class Conversation {
 public:
  Conversation(InstanceAddress to, Nanoseconds patience);

  /// Sends. What cannot be sent shows in what is heard: a server may refuse before it has read everything.
  void say(std::string_view bytes);
  /// Says that nothing more will be said.
  void finish();
  /// Waits for so many responses, or for the end, whichever comes first. After it the conversation goes on.
  Heard hear(std::size_t responses);

 private:
  Nanoseconds patience_;
  Fd fd_;
  http::Parser parser_{http::Parser::Kind::kResponse};
  std::string trouble_;
};

/// One request and its response, on a connection of its own.
Heard ask(InstanceAddress to, std::string_view request, Nanoseconds patience);

}  // namespace lumos
