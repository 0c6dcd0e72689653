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

std::string invocation_request(const Cell& cell, const Input& input, std::string_view sample) {
  return http::format_request("POST", "/", "127.0.0.1",
                              {{"Content-Type", input.content_type},
                               {wire::kDeploymentHeader, std::to_string(cell.deployment)},
                               {wire::kSampleHeader, std::string(sample)}},
                              input.body);
}

Invocations::Invocations(const Cell& cell, const Input& input, std::int64_t first_sample, int connections,
                         std::size_t limit, std::uint64_t seed)
    : cell_(cell),
      first_sample_(first_sample),
      request_(invocation_request(cell, input, std::string(kWidth, '0'))),
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
    records_.add(sample, client_record(sample, due.intended, request_.size(), x));
  if (x.outcome != Outcome::kOk) return x.outcome;
  const std::string_view reason = x.response.header("lumos-outcome");
  const auto outcome = reason.empty() ? std::nullopt : parse_name<Outcome>(reason);
  if (outcome && *outcome != Outcome::kOk) return *outcome;
  if (x.response.status != 200) return Outcome::kBadStatus;
  const bool wrong = cell_.expected_digest && x.response.header("lumos-digest") != *cell_.expected_digest;
  return wrong ? Outcome::kWrongOutput : Outcome::kOk;
}

void Invocations::never_sent(const Due& due, std::int64_t done) {
  const std::int64_t sample = sample_of(due);
  if (due.number < 0 || !records_.wants(sample)) return;
  records_.add(sample, client_record(sample, due.intended, request_.size(), {.outcome = Outcome::kTimeout, .done = done}));
}

}  // namespace lumos
