#include "control/load/generator.h"

#include <sys/prctl.h>

#include "control/load/cell_load.h"
#include "control/load/client_record.h"
#include "control/load/invocations.h"
#include "host/placement.h"
#include "record/wire.h"

namespace lumos {
namespace {

std::string link_of(const Cell& cell) {
  const auto found = cell.factors.find("link_client");
  return found != cell.factors.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<Endpoint> gateway_of(const GeneratorConfig& config, std::int64_t cell) {
  const auto found = config.links.find(link_of(config.plan->cells.at(static_cast<std::size_t>(cell))));
  return found == config.links.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

int run_generator(const GeneratorConfig& config, Channel conductor) {
  (void)bind_to_cores(config.cores);
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  Connection direct(Endpoint::loopback(config.port));
  std::map<std::string, Connection> linked;
  for (const auto& [link, gateway] : config.links) linked.try_emplace(link, gateway);
  // The gateway gives up first and says why; this is for a gateway that says nothing.
  const std::int64_t patience = (config.plan->stop.timeout + std::chrono::seconds(2)).count();
  for (;;) {
    const auto order = conductor.receive<wire::InvokeOrder>();
    if (!order) return 0;
    if ((*order)->repetition == wire::kEndWindow) continue;  // which had ended by itself, or has been
    if ((*order)->repetition != wire::kAbsent) {
      const CellLoadTask task{.plan = config.plan,
                              .cell = (*order)->cell,
                              .first_sample = (*order)->sample,
                              .repetition = (*order)->repetition,
                              .port = config.port,
                              .gateway = gateway_of(config, (*order)->cell),
                              .core = config.cores.size() == 1 ? std::optional(config.cores.front()) : std::nullopt};
      if (!run_cell_load(task, conductor)) return 0;
      continue;
    }
    const Cell& cell = config.plan->cells.at(static_cast<std::size_t>((*order)->cell));
    const Input& input = config.plan->input_of(cell);
    const Given* given = config.plan->given_of(input.function);
    const std::string request = invocation_request(cell, input, given, std::to_string((*order)->sample));
    const std::int64_t intended = monotonic_ns();
    const auto link = linked.find(link_of(cell));
    Connection& connection = link == linked.end() ? direct : link->second;
    const Exchange& x = exchange(connection, request, intended + patience);
    const wire::ClientRecord record = client_record((*order)->sample, intended, request.size(), x, given);
    if (!conductor.send(record)) return 0;
  }
}

}  // namespace lumos
