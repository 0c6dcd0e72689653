// One request to one response, and all the requests of one connection. No sockets here.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "sdk/answer.h"
#include "sdk/head.h"
#include "sdk/request.h"

namespace sdk {

/// The function and what its instance keeps between invocations.
class Exchange {
 public:
  Exchange(Function function, std::string instance) : function_(std::move(function)), instance_(std::move(instance)) {}

  /// Answers a complete request, whose first byte was read at `since`.
  void answer(const Head& head, std::string_view body, std::uint64_t since) {
    extra_.clear();
    switch (head.route) {
      case Route::kInvoke:
        invoke(body, since);
        break;
      case Route::kHealth:
        begin(200, "text/plain", "ok");
        break;
      case Route::kNotAllowed:
        begin_error(405, "this path does not know this method");
        field("Allow", head.allow);
        break;
      default:
        begin_error(404, "there is nothing here: POST / or GET /healthz");
    }
    if (!head.keep_alive) field("Connection", "close");
    if (head.keep_alive && head.http_1_0) field("Connection", "keep-alive");
    head_ += "\r\n";
    if (head.wants_no_body) body_.clear();
  }

  /// Refuses a request whose framing is at fault. The connection ends.
  void refuse(const Fault& fault, std::uint64_t since) {
    const std::uint64_t seen = now_ns();
    spans_.begin(seen);
    extra_.clear();
    if (fault.route == Route::kInvoke) {
      ++invocations_;
      add_invocation(since, seen, now_ns());
    }
    begin_error(fault.status, fault.message);
    head_ += "Connection: close\r\n\r\n";
  }

  std::string_view head() const { return head_; }
  std::string_view body() const { return body_; }

 private:
  void invoke(std::string_view body, std::uint64_t since) {
    const std::uint64_t complete = now_ns();
    ++invocations_;
    spans_.begin(complete);
    const auto result = handle(body);
    if (result) spans_.response_made();  // freeing request and answer included: interpreted it takes as long as a span
    const std::uint64_t handled = now_ns();
    if (result) add("Lumos-Digest", hex(*result));
    add_invocation(since, complete, handled);
    if (result)
      begin(200, "application/json", encoded_);
    else
      begin_error(result.error().status, result.error().message);
  }

  // Leaves the response in encoded_; returns the digest.
  std::expected<std::uint64_t, Failure> handle(std::string_view body) {
    const auto request = parse_object(body);
    if (!request) {
      spans_.request_read();
      return std::unexpected(request.error());
    }
    const auto answer = function_(*request, spans_);
    spans_.function_done();
    if (!answer) return std::unexpected(answer.error());
    encoded_ = dump(answer->response);
    return answer->digest;
  }

  static std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

  // --- the head

  void begin(int status, std::string_view type, std::string_view body) {
    body_ = body;
    head_ = "HTTP/1.1 ";
    head_ += std::to_string(status);
    head_ += reason(status);
    field("Lumos-Instance", instance_);
    field("Content-Type", type);
    field("Content-Length", std::to_string(body_.size()));
    head_ += extra_;
  }

  void begin_error(int status, std::string_view message) {
    begin(status, "application/json", dump({{"error", message}}));
  }

  void field(std::string_view name, std::string_view value) { append(head_, name, value); }
  void add(std::string_view name, std::string_view value) { append(extra_, name, value); }

  static void append(std::string& to, std::string_view name, std::string_view value) {
    to.append(name).append(": ").append(value).append("\r\n");
  }

  void add_invocation(std::uint64_t since, std::uint64_t complete, std::uint64_t handled) {
    add("Lumos-Invocation", std::to_string(invocations_));
    std::string timing = "receive;dur=" + milliseconds(complete - since);
    for (const auto& [span, ns] : spans_.list())
      timing.append(", ").append(name_of(span)).append(";dur=").append(milliseconds(ns));
    add("Server-Timing", timing.append(", handle;dur=").append(milliseconds(handled - complete)));
  }

  // With six decimals, which is every nanosecond.
  static std::string milliseconds(std::uint64_t ns) {
    std::string fraction = std::to_string(ns % 1'000'000);
    return std::to_string(ns / 1'000'000) + "." + std::string(6 - fraction.size(), '0') + fraction;
  }

  static std::string hex(std::uint64_t value) {
    std::string digits(16, '0');
    for (std::size_t i = digits.size(); i-- > 0; value >>= 4) digits[i] = "0123456789abcdef"[value & 15];
    return digits;
  }

  static const char* reason(int status) {
    switch (status) {
      case 200:
        return " OK\r\n";
      case 400:
        return " Bad Request\r\n";
      case 404:
        return " Not Found\r\n";
      case 405:
        return " Method Not Allowed\r\n";
      case 411:
        return " Length Required\r\n";
      case 413:
        return " Content Too Large\r\n";
      case 417:
        return " Expectation Failed\r\n";
      case 431:
        return " Request Header Fields Too Large\r\n";
      case 502:
        return " Bad Gateway\r\n";
      default:
        return " Internal Server Error\r\n";
    }
  }

  Function function_;
  std::string instance_;
  std::uint64_t invocations_ = 0;
  Spans spans_;
  std::string head_, body_, extra_, encoded_;
};

/// What becomes of a connection.
enum class Flow {
  kOpen,   // receive more
  kDrain,  // say that nothing more will be sent, but go on receiving: closing with bytes unread would reset the
           // connection, and the peer could lose the error it was sent
  kClose,
};

/// One connection, without its socket. `send` takes a head and a body and says whether they were sent.
class Session {
 public:
  /// Answers every request that is now complete.
  template <typename Send>
  Flow received(std::string_view bytes, Exchange& exchange, const Send& send) {
    if (draining_) {
      left_ -= bytes.size() < left_ ? bytes.size() : left_;
      return left_ > 0 ? Flow::kOpen : Flow::kClose;
    }
    if (inbox_.empty()) since_ = now_ns();
    inbox_ += bytes;
    for (;;) {
      if (!head_ && !inbox_.empty()) {
        const auto parsed = parse_head(inbox_);
        if (!parsed) return refuse(parsed.error(), exchange, send);
        head_ = *parsed;
        if (head_) inbox_.reserve(head_->head_bytes + head_->body_bytes);
      }
      if (!head_) return Flow::kOpen;
      const std::size_t end = head_->head_bytes + head_->body_bytes;
      if (inbox_.size() < end) {
        const bool invite = head_->expects_continue && !invited_;
        invited_ = true;
        return !invite || send("HTTP/1.1 100 Continue\r\n\r\n", "") ? Flow::kOpen : Flow::kClose;
      }
      exchange.answer(*head_, std::string_view(inbox_).substr(head_->head_bytes, head_->body_bytes), since_);
      if (!send(exchange.head(), exchange.body()) || !head_->keep_alive) return Flow::kClose;
      inbox_.erase(0, end);
      head_.reset();
      invited_ = false;
      if (!inbox_.empty()) since_ = now_ns();
    }
  }

  /// The peer sends no more: a request that has begun is answered with 400.
  template <typename Send>
  void ended(Exchange& exchange, const Send& send) {
    if (draining_ || inbox_.empty()) return;
    (void)refuse({.status = 400,
                  .message = "the connection ended before the request did",
                  .route = head_ ? head_->route : Route::kUnknown},
                 exchange, send);
  }

 private:
  template <typename Send>
  Flow refuse(const Fault& fault, Exchange& exchange, const Send& send) {
    exchange.refuse(fault, since_);
    draining_ = true;
    inbox_.clear();
    return send(exchange.head(), exchange.body()) ? Flow::kDrain : Flow::kClose;
  }

  std::string inbox_;         // what has arrived and was not answered
  std::optional<Head> head_;  // of the request under way
  std::uint64_t since_ = 0;   // when its first byte was read; for a pipelined one, when its turn came
  bool invited_ = false, draining_ = false;
  std::size_t left_ = kMaxBody;  // of what is received and thrown away, once a request was refused
};

}  // namespace sdk
