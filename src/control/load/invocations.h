// The requests of a load on a cell: numbered, so that the gateway's records find them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/load/socket_transport.h"
#include "record/plan.h"
#include "record/wire.h"
#include "stats/coordinated_sample.h"

namespace lumos {

/// POST of a cell's input (what is asked of a given function is its own) with the numbers of deployment and sample in
/// headers.
std::string invocation_request(const Cell& cell, const Input& input, const Given* given, std::string_view sample);

class Invocations final : public Requester {
 public:
  /// `first_sample` is the Sample::id of request 0; those before the window have ids below 0. Keeps what a client saw
  /// of at most `limit` requests of the window, chosen by their ids and `seed` (stats/coordinated_sample.h). `cell`
  /// outlives it. The request is held once per connection.
  Invocations(const Cell& cell, const Input& input, const Given* given, std::int64_t first_sample, int connections,
              std::size_t limit, std::uint64_t seed);

  http::Keep keep() const override { return given_ != nullptr ? http::Keep::kAll : http::Keep::kHeaders; }
  std::string_view request(int connection, const Due& due) override;
  /// The gateway's own reason for a failure, where it gives one; an answer of status 200 with another digest than the
  /// cell's is kWrongOutput.
  Outcome judge(int connection, const Exchange& exchange) override;
  void never_sent(const Due& due, std::int64_t done) override;

  CoordinatedSample<wire::ClientRecord>& records() { return records_; }
  /// Exchanges that came to a whole response.
  std::int64_t answered() const { return answered_; }

 private:
  struct UnderWay {
    Due due;
    std::string bytes;
  };
  std::int64_t sample_of(const Due& due) const { return due.number < 0 ? due.number : first_sample_ + due.number; }

  const Cell& cell_;
  const Given* given_;
  std::int64_t first_sample_;
  std::string request_;
  std::size_t place_;                // of the sample's number in it
  std::vector<UnderWay> under_way_;  // by connection; empty until it is used
  CoordinatedSample<wire::ClientRecord> records_;
  std::int64_t answered_ = 0;
};

}  // namespace lumos
