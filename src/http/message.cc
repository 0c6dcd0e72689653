#include "http/message.h"

#include <algorithm>

namespace lumos::http {

std::string_view Message::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

struct Parser::State {
  llhttp_t parser{};
  llhttp_settings_t settings{};
  Message message;
  std::size_t header_bytes = 0, body_bytes = 0;
  const Keep keep;
  bool complete = false, started = false, head_complete = false;

  State(Kind kind, Keep kept) : keep(kept) {
    llhttp_settings_init(&settings);
    settings.on_message_begin = [](llhttp_t* p) { return of(p).begin(); };
    settings.on_method = [](llhttp_t* p, const char* at, std::size_t n) {
      return of(p).add(of(p).message.method, at, n);
    };
    settings.on_url = [](llhttp_t* p, const char* at, std::size_t n) { return of(p).add(of(p).message.target, at, n); };
    settings.on_header_field = [](llhttp_t* p, const char* at, std::size_t n) { return of(p).field(at, n); };
    settings.on_header_value = [](llhttp_t* p, const char* at, std::size_t n) { return of(p).value(at, n); };
    settings.on_header_field_complete = [](llhttp_t* p) { return of(p).field_complete(); };
    settings.on_headers_complete = [](llhttp_t* p) {
      of(p).head_complete = true;
      return 0;
    };
    settings.on_body = [](llhttp_t* p, const char* at, std::size_t n) { return of(p).body(at, n); };
    settings.on_message_complete = [](llhttp_t* p) { return of(p).end(); };
    llhttp_init(&parser, kind == Kind::kRequest ? HTTP_REQUEST : HTTP_RESPONSE, &settings);
    parser.data = this;
  }

  static State& of(llhttp_t* p) { return *static_cast<State*>(p->data); }

  int begin() {
    message = {};
    header_bytes = body_bytes = 0;
    field_open = head_complete = false;
    return 0;
  }
  int count(std::size_t n) {
    header_bytes += n;
    return header_bytes > kMaxHeaderBytes ? too_large("header") : 0;
  }
  int add(std::string& to, const char* at, std::size_t n) {
    if (const int error = count(n); error != 0) return error;
    to.append(at, n);
    return 0;
  }
  int value(const char* at, std::size_t n) {
    return keep == Keep::kStatus ? count(n) : add(message.headers.back().second, at, n);
  }
  int field(const char* at, std::size_t n) {
    if (keep == Keep::kStatus) return count(n);
    if (!field_open) message.headers.emplace_back();
    field_open = true;
    return add(message.headers.back().first, at, n);
  }
  int field_complete() {
    if (keep == Keep::kStatus) return 0;
    std::ranges::transform(message.headers.back().first, message.headers.back().first.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    field_open = false;
    return 0;
  }
  int body(const char* at, std::size_t n) {
    body_bytes += n;
    if (body_bytes > kMaxBodyBytes) return too_large("body");
    if (keep == Keep::kAll) message.body.append(at, n);
    return 0;
  }
  int end() {
    message.status = parser.status_code;
    message.keep_alive = llhttp_should_keep_alive(&parser) != 0;
    complete = true;
    return HPE_PAUSED;  // so that the bytes of a pipelined next message stay with the caller
  }
  int too_large(const char* what) {
    llhttp_set_error_reason(&parser, what[0] == 'h' ? "header too large" : "body too large");
    return HPE_USER;
  }

  bool field_open = false;
};

Parser::Parser(Kind kind, Keep keep) : state_(std::make_unique<State>(kind, keep)) {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

Expected<std::size_t> Parser::feed(std::string_view bytes) {
  LUMOS_CHECK(!state_->complete);
  if (bytes.empty()) return std::size_t{0};
  state_->started = true;
  const llhttp_errno_t status = llhttp_execute(&state_->parser, bytes.data(), bytes.size());
  if (status == HPE_OK) return bytes.size();
  const auto taken = static_cast<std::size_t>(llhttp_get_error_pos(&state_->parser) - bytes.data());
  if (status == HPE_PAUSED && state_->complete) return taken;
  const char* reason = llhttp_get_error_reason(&state_->parser);
  return fail(ErrorCode::kUsage, "not valid HTTP: {} ({})", llhttp_errno_name(status), reason == nullptr ? "" : reason);
}

Expected<> Parser::finish() {
  if (state_->complete) return {};
  const llhttp_errno_t status = llhttp_finish(&state_->parser);
  if ((status == HPE_OK || status == HPE_PAUSED) && state_->complete) return {};
  return fail(ErrorCode::kUsage, "the connection closed in mid-message");
}

bool Parser::complete() const { return state_->complete; }
bool Parser::head_complete() const { return state_->head_complete; }
bool Parser::started() const { return state_->started; }

Message Parser::take() {
  LUMOS_CHECK(state_->complete);
  state_->complete = state_->started = false;
  llhttp_resume(&state_->parser);
  return std::exchange(state_->message, {});
}

std::string format_request(std::string_view method, std::string_view target, std::string_view host,
                           const std::vector<std::pair<std::string, std::string>>& headers, std::string_view body) {
  std::string text =
      std::format("{} {} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n", method, target, host, body.size());
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  text += "\r\n";
  text += body;
  return text;
}

std::string format_response(int status, std::string_view body, bool keep_alive, std::string_view headers) {
  const char* reason = status == 200   ? "OK"
                       : status == 400 ? "Bad Request"
                       : status == 404 ? "Not Found"
                       : status == 408 ? "Request Timeout"
                       : status == 502 ? "Bad Gateway"
                       : status == 503 ? "Service Unavailable"
                       : status == 504 ? "Gateway Timeout"
                                       : "Error";
  return std::format("HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}{}\r\n{}", status,
                     reason, body.size(), keep_alive ? "" : "Connection: close\r\n", headers, body);
}

}  // namespace lumos::http
