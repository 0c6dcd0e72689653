#include "analysis/output_digests.h"

#include "analysis/factors.h"

namespace lumos {

std::string input_key(const CellRecords& records) {
  const auto& factors = records.cell->factors;
  const std::string payload = factors.contains("payload")
                                  ? factors["payload"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                                  : std::to_string(records.cell->input);
  return records.deployment->function + '\n' + payload;
}

std::map<std::string, DigestsByRuntime> digests_by_input(std::span<const CellRecords> cells) {
  std::map<std::string, DigestsByRuntime> result;
  for (const auto& records : cells) {
    auto& digests = result[input_key(records)][records.deployment->runtime];
    for (const Sample* sample : records.measured()) {
      if (was_answered(*sample) && !sample->digest.empty()) digests.insert(sample->digest);
    }
  }
  return result;
}

}  // namespace lumos
