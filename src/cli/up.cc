#include <netinet/in.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>

#include "cli/interrupt.h"
#include "cli/measure.h"
#include "control/experiment/local_run.h"
#include "control/runtime/registry.h"
#include "workload/expand.h"

namespace lumos {
namespace {

struct Options {
  std::string function, runtime = "crun";
  int port = 8080;
  std::vector<std::string> overrides;
};

// Of the host, before this process leaves its network namespace.
Expected<Fd> listen_on(int port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), 1024) != 0)
    return fail_errno(std::format("--port {}", port));
  return fd;
}

// The experiment of one warm cell: the same words, defaults and errors as in a file.
Expected<Plan> plan_of(const Places& places, const Options& o) {
  KnownNames known{.functions = LUMOS_TRY(FunctionCatalogue::load(places.functions()))};
  RuntimeTable table;
  for (const auto& runtime : known_runtimes()) {
    known.runtimes.push_back(runtime.id);
    table[runtime.id] = {.columns = runtime.traits(), .artefact = runtime.artefact};
  }
  const std::string text = std::format("functions: ['{}']\nruntimes: ['{}']\nstart: warm\ntelemetry: {{series: off}}\n",
                                       o.function, o.runtime);
  const Experiment experiment = LUMOS_TRY(parse_experiment(text, "up", known, o.overrides));
  Plan plan = expand(experiment, known.functions, table);
  if (plan.cells.size() != 1) return fail(ErrorCode::kUsage, "up: serves one function in one way; --set asks for more");
  plan.deployments[0].scaling = experiment.scaling.scaling;
  plan.cells[0].factors.update(scaling_factors(&plan.deployments[0].scaling));
  return plan;
}

struct Served {
  std::int64_t requests = 0, failed = 0;
  std::array<std::int64_t, Names<Start>::kTable.size()> starts{};
};

void show(const wire::GatewayRecord& r, Served& served) {
  ++served.requests;
  const std::string number = std::format("#{}", served.requests);
  if (r.failed) {
    ++served.failed;
    std::printf("%-6s %s\n", number.c_str(), std::string(name_of(r.outcome)).c_str());
  } else {
    ++served.starts[static_cast<std::size_t>(r.start)];
    std::printf("%-6s %-6s instance %lld  %.2f ms\n", number.c_str(), std::string(name_of(r.start)).c_str(),
                static_cast<long long>(r.instance), static_cast<double>(r.responded - r.received) / 1e6);
  }
  std::fflush(stdout);
}

std::string summary(const Served& served) {
  std::string text = std::format("Served {} request{}", served.requests, served.requests == 1 ? "" : "s");
  std::string parts;
  const auto add = [&](std::int64_t count, std::string_view what) {
    if (count > 0) parts += std::format("{}{} {}", parts.empty() ? "" : ", ", count, what);
  };
  for (const auto& [start, name] : Names<Start>::kTable) add(served.starts[static_cast<std::size_t>(start)], name);
  add(served.failed, "failed");
  return text + (parts.empty() ? "" : ": " + parts) + ".";
}

std::string example(const Plan& plan, int port) {
  const Input& input = plan.inputs.at(0);
  const bool short_text = input.made && input.body.size() <= 200 && !input.body.contains('\'');
  return std::format("curl -H 'Content-Type: {}' -d '{}' http://127.0.0.1:{}/", input.content_type,
                     short_text ? input.body : "…", port);
}

VerbResult up(const Places& places, const Options& o) {
  Plan plan = LUMOS_TRY(plan_of(places, o));
  Fd listener = LUMOS_TRY(listen_on(o.port));
  const auto wanted = LUMOS_TRY(artefacts_of(plan));
  LUMOS_TRY(make_inputs_with_progress(places, plan));
  const BuildResult built = LUMOS_TRY(build_with_progress(places, wanted));
  watch_for_interrupts();
  Served served;
  LUMOS_TRY(serve_local(plan, built.artefacts, {.home = places.home, .log = places.home / "up.log"},
                        std::move(listener),
                        {.begun =
                             [&] {
                               std::printf("%s on %s, made on demand; Ctrl-C ends it. Ask it:\n  %s\n",
                                           o.function.c_str(), o.runtime.c_str(), example(plan, o.port).c_str());
                               std::fflush(stdout);
                             },
                         .ended = [&](const wire::GatewayRecord& r) { show(r, served); },
                         .interrupted = interrupted}));
  std::printf("%s\nnext: ./lumos run experiments/smoke.yaml --set 'functions=[%s]' --set 'runtimes=[%s]'\n",
              summary(served).c_str(), o.function.c_str(), o.runtime.c_str());
  return 0;
}

}  // namespace

void add_up(CLI::App& app, const Places& places, VerbResult& result) {
  auto* verb = app.add_subcommand("up", "Serves one function on loopback, for curl, until Ctrl-C");
  auto options = std::make_shared<Options>();
  verb->add_option("function", options->function, "A function of './lumos functions list'")->required();
  verb->add_option("--runtime", options->runtime, "sandbox, runc, crun, wasm-interp or wasm-aot")
      ->capture_default_str();
  verb->add_option("--port", options->port, "Port of 127.0.0.1")->check(CLI::Range(1, 65535))->capture_default_str();
  verb->add_option("--set", options->overrides, "As of run: scaling.max_scale=4, format=cbor (may be repeated)")
      ->allow_extra_args(false);
  verb->footer(
      "Examples:\n  ./lumos up noop --runtime wasm-aot\n  ./lumos up noop --set scaling.keep_alive=5s --set "
      "scaling.container_concurrency=4");
  verb->callback([&places, &result, options] { result = up(places, *options); });
}

}  // namespace lumos
