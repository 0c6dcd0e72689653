// The C++ SDK's connection: any bytes get the same answers however they are cut, but for times, and never more than one
// refusal. The first byte says how.
#include "sdk/exchange.h"
#include "tests/fuzz/target.h"

namespace {

struct Told {
  std::string statuses;
  bool drained = false;
};

Told tell(std::string_view bytes, std::size_t piece) {
  sdk::Exchange exchange(
      [](const sdk::Json& request, sdk::Spans&) { return sdk::Answer{.response = request, .digest = request.size()}; },
      "i");
  sdk::Session session;
  Told told;
  const auto send = [&](std::string_view head, std::string_view) {
    LUMOS_CHECK(head.starts_with("HTTP/1.1 ") && head.ends_with("\r\n\r\n") && !told.drained);
    if (!head.starts_with("HTTP/1.1 100")) told.statuses += head.substr(9, 4);
    return true;
  };
  auto flow = sdk::Flow::kOpen;
  while (!bytes.empty() && flow != sdk::Flow::kClose) {
    flow = session.received(bytes.substr(0, piece), exchange, send);
    told.drained = told.drained || flow == sdk::Flow::kDrain;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (flow != sdk::Flow::kClose) session.ended(exchange, send);
  return told;
}

}  // namespace

void run_target(std::string_view input) {
  if (input.empty()) return;
  const auto piece = static_cast<std::size_t>(static_cast<unsigned char>(input[0])) + 1;
  input.remove_prefix(1);
  const Told whole = tell(input, input.size() + 1), cut = tell(input, piece);
  LUMOS_CHECK(whole.statuses == cut.statuses);
}
