#include "control/gateway/gateway.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/fault.h"
#include "control/gateway/dispatcher.h"
#include "control/gateway/series_ticker.h"
#include "host/placement.h"

namespace lumos {
namespace {

// As the parser spells names.
constexpr std::string_view kDeploymentHeader = "lumos-deployment", kSampleHeader = "lumos-sample";

std::int64_t number_or(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = otherwise;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end == text.data() + text.size() ? value : otherwise;
}

// Headers that are between two neighbours, or are written anew.
constexpr std::string_view kOwn[] = {"host",  "connection", "content-length", "content-type", "transfer-encoding",
                                     "te",    "trailer",    "upgrade",        "keep-alive",   "proxy-connection",
                                     "expect"};

bool is_passed_on(const std::string& name) { return !std::ranges::contains(kOwn, name) && !name.starts_with("lumos-"); }

// The request anew, with a length that is its body's, however it was framed.
std::string request_for_instance(const http::Message& m) {
  std::string text;
  text.reserve(m.method.size() + m.target.size() + m.body.size() + 160);
  text.append(m.method).append(" ").append(m.target).append(" HTTP/1.1\r\nHost: instance\r\nContent-Length: ");
  std::array<char, 20> digits;
  text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), m.body.size()).ptr);
  text.append("\r\nContent-Type: ").append(m.header("content-type")).append("\r\n");
  for (const auto& [name, value] : m.headers) {
    if (is_passed_on(name)) text.append(name).append(": ").append(value).append("\r\n");
  }
  text.append("\r\n").append(m.body);
  return text;
}

class Gateway {
 public:
  Gateway(const GatewayConfig& config, Fd listener, Channel conductor, Channel launcher)
      : conductor_(loop_, std::move(conductor), [this](const Channel& from) { on_conductor(from); }),
        launcher_(loop_, std::move(launcher), [this](const Channel& from) { on_launcher(from); }),
        clients_(loop_, std::move(listener), config.clients,
                 [this](std::int64_t client, const http::Message& m) { on_request(client, m); }),
        instances_(launcher_, config.max_instances, config.first_instance, [this] { series_.on_created(); }),
        series_(loop_, config.series_period, config.cgroups, instances_),
        shared_{config, loop_, clients_, instances_, conductor_, random_} {
    for (std::size_t i = 0; i < config.deployments.size(); ++i)
      dispatchers_.push_back(std::make_unique<Dispatcher>(shared_, i, config.deployments[i]));
  }

  int run() {
    loop_.run();
    return 0;
  }

 private:
  void on_request(std::int64_t client, const http::Message& message) {
    const std::int64_t received = monotonic_ns();
    fault_point("request.received");
    const std::int64_t deployment = number_or(message.header(kDeploymentHeader), 0);
    if (deployment < 0 || deployment >= static_cast<std::int64_t>(dispatchers_.size()))
      return clients_.respond(client, http::format_response(404, R"({"error":"no such deployment"})"));
    auto invocation = std::make_unique<Invocation>();
    invocation->client = client;
    invocation->request = request_for_instance(message);
    invocation->record.sample = number_or(message.header(kSampleHeader), 0);
    invocation->record.received = received;
    dispatchers_[static_cast<std::size_t>(deployment)]->take(std::move(invocation));
  }

  void on_launcher(const Channel& launcher) {
    const auto received = launcher.receive<wire::LaunchEvent>();
    if (!received) return loop_.stop();
    const wire::LaunchEvent& event = **received;
    GatewayInstance* instance = instances_.find(event.instance);
    if (instance == nullptr) return;
    Dispatcher& dispatcher = *dispatchers_[instance->deployment];
    switch (event.kind) {
      case wire::LaunchMessage::kLaunched:
        return dispatcher.on_launched(*instance, event);
      case wire::LaunchMessage::kEnded:
        return dispatcher.on_ended(*instance);
      case wire::LaunchMessage::kFailed:
        dispatcher.on_failed(*instance, event);
        [[fallthrough]];
      case wire::LaunchMessage::kRemoved:
        dispatcher.on_removed(*instance);
        on_removed(*instance, event);
        break;
    }
  }

  void on_removed(const GatewayInstance& instance, const wire::LaunchEvent& event) {
    wire::InstanceRecord record = event.record;
    record.kind = wire::GatewayMessage::kInstance;
    series_.on_removed(instance.deployment, record);
    instances_.erase(event.instance);
    conductor_.send(record);
    confirm_retired();
    pump_all();
  }

  // A free place goes to the deployment whose request has waited longest.
  void pump_all() {
    std::vector<Dispatcher*> order;
    for (const auto& dispatcher : dispatchers_) order.push_back(dispatcher.get());
    std::ranges::stable_sort(order, {}, [](const Dispatcher* d) {
      return d->waiting_since().value_or(std::numeric_limits<std::int64_t>::max());
    });
    for (Dispatcher* dispatcher : order) dispatcher->pump();
  }

  void on_conductor(const Channel& conductor) {
    const auto order = conductor.receive<wire::GatewayOrder>();
    if (!order) return loop_.stop();
    const auto deployment = static_cast<std::size_t>((*order)->deployment);
    if ((*order)->action == wire::GatewayAction::kPrepare) return dispatchers_.at(deployment)->prepare();
    retiring_.insert(deployment);
    dispatchers_.at(deployment)->retire();
    confirm_retired();
  }

  void confirm_retired() {
    std::erase_if(retiring_, [this](std::size_t deployment) {
      if (dispatchers_[deployment]->has_instances()) return false;
      series_.send(deployment, conductor_);
      conductor_.send(wire::Retired{.deployment = static_cast<std::int64_t>(deployment)});
      return true;
    });
  }

  http::EventLoop loop_;
  Peer conductor_, launcher_;
  Clients clients_;
  Instances instances_;
  SeriesTicker series_;
  RandomStream random_{1, "routing"};
  Dispatcher::Shared shared_;
  std::vector<std::unique_ptr<Dispatcher>> dispatchers_;  // by Deployment::id
  std::set<std::size_t> retiring_;
};

}  // namespace

int run_gateway(const GatewayConfig& config, Fd listener, Channel conductor, Channel launcher) {
  (void)bind_to_cores(config.cores);
  return Gateway(config, std::move(listener), std::move(conductor), std::move(launcher)).run();
}

}  // namespace lumos
