// Messages between the processes of a run, with any bytes in them, become records that can be stored and shown. (Their
// sizes are checked by the channel; both ends are this program, so that a flag is 0 or 1.)
#include <cstring>

#include "control/backend/join.h"
#include "tests/fuzz/target.h"

namespace {

template <typename T>
T take(std::string_view& bytes) {
  T message;
  const std::size_t size = std::min(bytes.size(), sizeof message);
  std::memcpy(static_cast<void*>(&message), bytes.data(), size);
  bytes.remove_prefix(size);
  return message;
}

}  // namespace

void run_target(std::string_view bytes) {
  using namespace lumos;
  // The place of the flag, which a byte of neither value must not reach.
  std::string gateway_bytes(bytes.substr(0, std::min(bytes.size(), sizeof(wire::GatewayRecord))));
  if (gateway_bytes.size() > offsetof(wire::GatewayRecord, failed))
    gateway_bytes[offsetof(wire::GatewayRecord, failed)] &= 1;
  std::string_view of_gateway = gateway_bytes;
  bytes.remove_prefix(gateway_bytes.size());
  const auto gateway = take<wire::GatewayRecord>(of_gateway);
  const auto client = take<wire::ClientRecord>(bytes);
  const auto record = take<wire::InstanceRecord>(bytes);
  const Cell cell{.expected_digest = "0123"};

  for (const auto& with : {std::optional(gateway), std::optional<wire::GatewayRecord>()}) {
    const Sample sample = join_records(cell, client, with, "name-1");
    LUMOS_CHECK(sample.outcome != Outcome::kOk || sample.digest == cell.expected_digest);
    LUMOS_CHECK(with || (!sample.start && !sample.instance && !sample.start_verified));
    LUMOS_CHECK(sample.start_verified != true || client.instance.str() == "name-1");
    LUMOS_CHECK(sample.digest.size() <= sizeof client.digest);
    (void)phases_of(sample);
  }
  const Instance instance = to_instance(record);
  LUMOS_CHECK(instance.note.size() <= sizeof record.note && instance.name.size() <= sizeof record.name);
  const auto again = wire::unpack(wire::pack(instance.counters));
  for (const auto& [name, field] : kInstanceCounters) LUMOS_CHECK(again.*field == instance.counters.*field);
}
