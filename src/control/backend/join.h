// What generator and gateway saw of one invocation, made into its sample.
#pragma once

#include <optional>

#include "record/plan.h"
#include "record/sample.h"
#include "record/wire.h"

namespace lumos {

/// `gateway` is absent when the request never reached it. The gateway's reason for a failure goes before the status
/// that it answered; an answer with a digest other than the expected one is kWrongOutput; `start_verified` compares the
/// gateway's events with what the instance says of itself. `instance_name` is what the instance that the gateway used
/// should call itself. A function that does not keep the contract says nothing
/// of itself: then the gateway's events alone decide, which saw the instance made, and every request that went there.
Sample join_records(const Cell& cell, const wire::ClientRecord& client,
                    const std::optional<wire::GatewayRecord>& gateway, const std::string& instance_name,
                    bool keeps_contract = true);

Instance to_instance(const wire::InstanceRecord& record);

ScaleDecision to_decision(const wire::ScaleRecord& record);

}  // namespace lumos
