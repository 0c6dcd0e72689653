#include "control/load/invocations.h"

#include <format>

#include "control/load/client_record.h"

namespace lumos {
namespace {

// As wide as any number: every request has the same length, and only these characters differ.
constexpr std::size_t kWidth = 20;

std::string padded(std::int64_t number) {
  return number < 0 ? std::format("-{:019}", -number) : std::format("{:020}", number);
}

}  // namespace

std::string invocation_request(const Cell& cell, const Input& input, const Given* given, std::string_view sample) {
  std::vector<std::pair<std::string, std::string>> headers{{"Content-Type", input.content_type},
                                                           {wire::kDeploymentHeader, std::to_string(cell.deployment)},
                                                           {wire::kSampleHeader, std::string(sample)}};
  if (given == nullptr) return http::format_request("POST", "/", "127.0.0.1", headers, input.body);
  headers.insert(headers.end(), given->headers.begin(), given->headers.end());
  return http::format_request(given->method, given->target, "127.0.0.1", headers, input.body);
}

Invocations::Invocations(const Cell& cell, const Input& input, const Given* given, std::int64_t first_sample,
                         int connections, std::size_t limit, std::uint64_t seed)
    : cell_(cell),
      given_(given),
      first_sample_(first_sample),
      request_(invocation_request(cell, input, given, std::string(kWidth, '0'))),
      place_(request_.find(wire::kSampleHeader) + std::string_view(wire::kSampleHeader).size() + 2),
      under_way_(static_cast<std::size_t>(connections)),
      records_(limit, seed) {
  LUMOS_CHECK(request_.compare(place_, kWidth, std::string(kWidth, '0')) == 0);
}

std::string_view Invocations::request(int connection, const Due& due) {
  UnderWay& u = under_way_[static_cast<std::size_t>(connection)];
  u.due = due;
  if (u.bytes.empty()) u.bytes = request_;
  u.bytes.replace(place_, kWidth, padded(sample_of(due)));
  return u.bytes;
}

Outcome Invocations::judge(int connection, const Exchange& x) {
  const Due& due = under_way_[static_cast<std::size_t>(connection)].due;
  const std::int64_t sample = sample_of(due);
  answered_ += x.outcome == Outcome::kOk ? 1 : 0;
  if (due.number >= 0 && records_.wants(sample))
    records_.add(sample, client_record(sample, due.intended, request_.size(), x, given_));
  if (x.outcome != Outcome::kOk) return x.outcome;
  const std::string_view reason = x.response.header("lumos-outcome");
  const auto outcome = reason.empty() ? std::nullopt : parse_name<Outcome>(reason);
  if (outcome && *outcome != Outcome::kOk) return *outcome;
  if (x.response.status != right_status(given_)) return Outcome::kBadStatus;
  const bool wrong = cell_.expected_digest && digest_of(x, given_) != *cell_.expected_digest;
  return wrong ? Outcome::kWrongOutput : Outcome::kOk;
}

void Invocations::never_sent(const Due& due, std::int64_t done) {
  const std::int64_t sample = sample_of(due);
  if (due.number < 0 || !records_.wants(sample)) return;
  records_.add(sample,
               client_record(sample, due.intended, request_.size(), {.outcome = Outcome::kTimeout, .done = done}));
}

}  // namespace lumos
