// A stream of any bytes is messages and at most one Error, and the same ones however it is cut. The first byte says
// whether they are requests, the second how the stream is cut.
#include <cctype>

#include "http/message.h"
#include "tests/fuzz/target.h"

namespace {

using lumos::http::Message;
using lumos::http::Parser;

struct Parsed {
  std::vector<Message> messages;
  bool broken = false;
};

// `piece` bytes at a time.
Parsed parse(std::string_view bytes, Parser::Kind kind, std::size_t piece) {
  Parser parser(kind);
  Parsed result;
  while (!bytes.empty()) {
    const auto taken = parser.feed(bytes.substr(0, piece));
    if (!taken) return result.broken = true, result;
    LUMOS_CHECK(*taken <= std::min(piece, bytes.size()) && (*taken > 0 || parser.complete()));
    bytes.remove_prefix(*taken);
    if (parser.complete()) {
      result.messages.push_back(parser.take());
      LUMOS_CHECK(!parser.started());
    }
  }
  if (!parser.started()) return result;
  if (const auto cut = parser.finish(); !cut) return result.broken = true, result;
  result.messages.push_back(parser.take());
  return result;
}

void check(const Message& message) {
  std::size_t header_bytes = message.method.size() + message.target.size();
  for (const auto& [name, value] : message.headers) {
    header_bytes += name.size() + value.size();
    for (const char c : name) LUMOS_CHECK(std::isupper(static_cast<unsigned char>(c)) == 0);
    LUMOS_CHECK(value.find_first_of("\r\n") == std::string::npos);  // what is passed on must not become two headers
  }
  LUMOS_CHECK(header_bytes <= lumos::http::kMaxHeaderBytes);
}

}  // namespace

void run_target(std::string_view input) {
  if (input.size() < 2) return;
  const auto kind = input[0] == 'q' ? Parser::Kind::kRequest : Parser::Kind::kResponse;
  const auto piece = static_cast<std::size_t>(static_cast<unsigned char>(input[1])) + 1;
  input.remove_prefix(2);
  const Parsed whole = parse(input, kind, input.size() + 1), cut = parse(input, kind, piece);
  LUMOS_CHECK(whole.broken == cut.broken && whole.messages.size() == cut.messages.size());
  for (std::size_t i = 0; i < whole.messages.size(); ++i) {
    const Message &a = whole.messages[i], &b = cut.messages[i];
    check(a);
    LUMOS_CHECK(a.method == b.method && a.target == b.target && a.status == b.status && a.headers == b.headers &&
                a.body == b.body && a.keep_alive == b.keep_alive);
  }
}
