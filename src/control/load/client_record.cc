#include "control/load/client_record.h"

#include <charconv>

#include "base/file.h"
#include "telemetry/server_timing.h"

namespace lumos {
namespace {

std::int64_t parse_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end == text.data() + text.size() ? value : wire::kAbsent;
}

// What the answer says of itself.
void read_response(const Exchange& x, const Given* given, wire::ClientRecord& record) {
  record.http_status = x.response.status;
  record.response_bytes = static_cast<std::int64_t>(x.response_bytes);
  record.outcome = x.response.status == right_status(given) ? Outcome::kOk : Outcome::kBadStatus;
  record.instance = x.response.header("lumos-instance");
  record.digest = digest_of(x, given);
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
  put(spans.cpu, record.cpu);
}

}  // namespace

wire::ClientRecord client_record(std::int64_t sample, std::int64_t intended, std::size_t request_bytes,
                                 const Exchange& x, const Given* given) {
  wire::ClientRecord record{.sample = sample, .outcome = x.outcome};
  record.intended = intended;
  record.sent = x.sent == 0 ? wire::kAbsent : x.sent;
  record.done = x.done;
  record.request_bytes = static_cast<std::int64_t>(request_bytes);
  if (x.outcome == Outcome::kOk) read_response(x, given, record);
  return record;
}

std::string digest_of(const Exchange& x, const Given* given) {
  std::string said(x.response.header("lumos-digest"));
  if (given == nullptr) return said;
  if (given->varies) return "";
  return said.empty() ? sha256(x.response.body) : said;
}

}  // namespace lumos
