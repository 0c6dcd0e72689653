#include "control/contract/verify.h"

#include <algorithm>
#include <thread>

namespace lumos {
namespace {

using namespace std::chrono_literals;

// Until something listens. False: nothing did in time.
bool wait_until_ready(InstanceAddress address) {
  for (const std::int64_t deadline = monotonic_ns() + (20s / 1ns); monotonic_ns() < deadline;) {
    if (ask(address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 5s).status() != 0) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

ContractSubject subject_of(const Plan& plan, const Deployment& deployment, const DirectInstance& instance) {
  ContractSubject subject{.address = instance.address, .instance = instance.name};
  for (const auto& cell : plan.cells) {
    if (cell.deployment != deployment.id) continue;
    const Input& input = plan.input_of(cell);
    if (!std::ranges::contains(subject.inputs, &input)) subject.inputs.push_back(&input);
    subject.digest = cell.expected_digest;
  }
  return subject;
}

// What of the contract storage has a part in; and the result of each format lies in it, whole.
Expected<std::vector<ContractVerdict>> check_with_storage(const Plan& plan, const Deployment& deployment,
                                                          const ContractSubject& subject, Surroundings& around) {
  std::vector<ContractVerdict> verdicts{check_contract_line(subject, "ready")};
  for (const auto& cell : plan.cells) {
    if (cell.deployment == deployment.id) LUMOS_TRY(around.fill_storage(cell));
  }
  for (const char* line : {"answer", "headers", "spans", "keep-alive", "missing-key", "still-right"})
    verdicts.push_back(check_contract_line(subject, line));
  ContractVerdict stored{"stored", ""};
  for (const auto& cell : plan.cells) {
    if (cell.deployment == deployment.id && stored.broken.empty())
      stored.broken = LUMOS_TRY(around.look_at_stored(cell));
  }
  verdicts.push_back(stored);
  return verdicts;
}

Expected<std::vector<ContractVerdict>> verify(const Plan& plan, const Deployment& deployment,
                                              DirectInstances& instances, bool takes_key) {
  const auto instance = instances.launch(deployment.id);
  if (!instance && instance.error().code == ErrorCode::kMeasuredFailure)
    return std::vector<ContractVerdict>{{"ready", instance.error().message}};
  if (!instance) return std::unexpected(instance.error());
  std::vector<ContractVerdict> verdicts{{"ready", "nothing listens within 20 s"}};
  if (wait_until_ready(instance->address)) {
    ContractSubject subject = subject_of(plan, deployment, *instance);
    subject.takes_key = takes_key;
    if (deployment.environment.storage == "inline")
      verdicts = check_contract(subject);
    else
      verdicts = LUMOS_TRY(check_with_storage(plan, deployment, subject, *instances.surroundings()));
  }
  const std::string said = LUMOS_TRY(instances.remove(*instance));
  // The first line that broke, with what the instance wrote: an end by itself breaks all that come after.
  const auto broken = std::ranges::find_if(verdicts, [](const ContractVerdict& v) { return !v.broken.empty(); });
  if (broken != verdicts.end() && !said.empty()) broken->broken += "; it wrote: " + said;
  return verdicts;
}

}  // namespace

bool VerifiedDeployment::kept() const {
  return std::ranges::all_of(verdicts, [](const ContractVerdict& v) { return v.broken.empty(); });
}

Expected<std::vector<VerifiedDeployment>> verify_deployments(const Plan& plan, DirectInstances& instances,
                                                             const std::function<bool(const std::string&)>& takes_key,
                                                             const std::function<void(const std::string&)>& progress) {
  std::vector<VerifiedDeployment> found;
  for (const auto& d : plan.deployments) {
    progress(std::format("{} on {}, storage {}", d.function, d.runtime, d.environment.storage));
    found.push_back(
        {d.function, d.runtime, d.environment, LUMOS_TRY(verify(plan, d, instances, takes_key(d.function)))});
  }
  return found;
}

}  // namespace lumos
