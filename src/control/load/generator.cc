#include "control/load/generator.h"

#include <charconv>

#include "control/load/connection.h"
#include "host/placement.h"
#include "record/wire.h"
#include "telemetry/server_timing.h"

namespace lumos {
namespace {

std::int64_t parse_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end == text.data() + text.size() ? value : wire::kAbsent;
}

// What the answer says of itself.
void read_response(const Exchange& x, wire::ClientRecord& record) {
  record.http_status = x.response.status;
  record.response_bytes = static_cast<std::int64_t>(x.response_bytes);
  record.outcome = x.response.status == 200 ? Outcome::kOk : Outcome::kBadStatus;
  record.instance = x.response.header("lumos-instance");
  record.digest = x.response.header("lumos-digest");
  record.invocation = parse_count(x.response.header("lumos-invocation"));
  const Spans spans = parse_server_timing(x.response.header("server-timing"));
  const auto put = [](std::optional<std::int64_t> from, std::int64_t& to) { to = from.value_or(wire::kAbsent); };
  put(spans.receive, record.receive);
  put(spans.deserialize, record.deserialize);
  put(spans.fetch, record.fetch);
  put(spans.compute, record.compute);
  put(spans.digest, record.digest_span);
  put(spans.store, record.store);
  put(spans.serialize, record.serialize);
  put(spans.handle, record.handle);
}

}  // namespace

int run_generator(const GeneratorConfig& config, Channel conductor) {
  (void)bind_to_cores(config.cores);
  Connection connection(Endpoint::loopback(config.port));
  // The gateway gives up first and says why; this is for a gateway that says nothing.
  const std::int64_t patience = (config.plan->stop.timeout + std::chrono::seconds(2)).count();
  for (;;) {
    const auto order = conductor.receive<wire::InvokeOrder>();
    if (!order) return 0;
    const Cell& cell = config.plan->cells.at(static_cast<std::size_t>((*order)->cell));
    const Input& input = config.plan->input_of(cell);
    const std::string request = http::format_request("POST", "/", "127.0.0.1",
                                                     {{"Content-Type", input.content_type},
                                                      {wire::kDeploymentHeader, std::to_string(cell.deployment)},
                                                      {wire::kSampleHeader, std::to_string((*order)->sample)}},
                                                     input.body);
    wire::ClientRecord record{.sample = (*order)->sample};
    record.intended = monotonic_ns();
    const Exchange& x = exchange(connection, request, record.intended + patience);
    record.sent = x.sent == 0 ? wire::kAbsent : x.sent;
    record.done = x.done;
    record.request_bytes = static_cast<std::int64_t>(request.size());
    record.outcome = x.outcome;
    if (x.outcome == Outcome::kOk) read_response(x, record);
    if (!conductor.send(record)) return 0;
  }
}

}  // namespace lumos
