#include "workload/given.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "tests/support/temporary_folder.h"
#include "workload/example_names.h"
#include "workload/expand.h"

namespace lumos {
namespace {

RuntimeTable runtimes() {
  return {{"sandbox", {.resident = true}},
          {"crun", {}},
          {"wasm-interp", {.artefact = ArtefactKind::kWasm}},
          {"wasm-aot", {.artefact = ArtefactKind::kAot}}};
}

Expected<Experiment> read(const std::string& entry, const std::string& more = "") {
  return parse_experiment("functions: [" + entry + "]\n" + more, "e.yaml", example_names());
}

GivenFunction given_of(const std::string& entry) {
  const auto experiment = read(entry);
  EXPECT_TRUE(experiment.has_value()) << experiment.error().message;
  return experiment ? experiment->functions.at(0).given.value_or(GivenFunction{}) : GivenFunction{};
}

TEST(Given, EverythingIsSaid) {
  const GivenFunction f = given_of(
      "{name: shop, image: 'oci:img/shop:v2', port: 3000, ready: /up, env: {MODE: fast}, request: {method: PUT, path: "
      "'/a?b', headers: {Accept: text/html, content-type: text/plain}, body: hello}, expect: {status: 201, digest: "
      "0123456789abcdef}}");
  EXPECT_EQ(f.given.image, "img/shop");
  EXPECT_EQ(f.given.tag, "v2");
  EXPECT_EQ(f.given.port, 3000);
  EXPECT_EQ(f.given.ready, "/up");
  EXPECT_EQ(f.given.environment, std::vector<std::string>{"MODE=fast"});
  EXPECT_EQ(f.given.method + f.given.target, "PUT/a?b");
  EXPECT_EQ(f.given.headers, (std::vector<std::pair<std::string, std::string>>{{"Accept", "text/html"}}));
  EXPECT_EQ(f.content_type, "text/plain");
  EXPECT_EQ(f.body, "hello");
  EXPECT_EQ(f.given.status, 201);
  EXPECT_EQ(f.digest, "0123456789abcdef");
  const Given again = given_from_json(to_json(f.given));
  EXPECT_EQ(to_json(again), to_json(f.given));
}

TEST(Given, WhatIsNotSaidHasItsDefault) {
  const GivenFunction f = given_of("{name: mod, wasm: a.wasm}");
  EXPECT_EQ(f.given.module, "a.wasm");
  EXPECT_EQ(f.given.port, 8080);
  EXPECT_EQ(f.given.method + f.given.target, "POST/");
  EXPECT_EQ(f.given.status, 200);
  EXPECT_FALSE(f.digest.has_value());
  EXPECT_TRUE(given_of("{name: mod, wasm: a.wasm, expect: {digest: varies}}").given.varies);
  EXPECT_EQ(given_of("{name: a, image: 'oci:./x'}").given.tag, "");
  EXPECT_EQ(given_of("{name: a, image: 'oci:/x:y/z'}").given.image, "/x:y/z");
}

TEST(Given, AnImageOfARegistryIsNamedAndNotLookedFor) {
  GivenFunction f = given_of("{name: a, image: 'docker://registry.example:5000/shop'}");
  EXPECT_EQ(f.given.reference, "registry.example:5000/shop:latest");
  EXPECT_TRUE(f.given.is_image());
  EXPECT_TRUE(read_files(f, "/nonexistent").has_value());
  EXPECT_EQ(f.given.image, "");
  EXPECT_EQ(to_json(given_from_json(to_json(f.given))), to_json(f.given));
  auto before = to_json(f.given);  // what a run of an earlier version says
  before.erase("reference");
  before.erase("digest");
  EXPECT_EQ(given_from_json(before).reference, "");
  EXPECT_EQ(read("{name: a, image: nginx}").error().message,
            "e.yaml:1:30: 'image' must be as registry.example/shop:v1: it begins with no registry (HOST or HOST:PORT, "
            "and none is assumed); an OCI layout in a folder is oci:DIR, not 'nginx'");
}

TEST(Given, AnImageIsNotPulledYetAModuleIs) {
  const auto refused = read("{name: shop, image: 'oci:x'}", "cache: [memory, remote]\n");
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().message.ends_with(
      "'shop' is an image of yours: pulling it (cache remote, base-cached) is not available yet"))
      << refused.error().message;
  const auto module = read("{name: mod, wasm: m}", "runtimes: wasm-aot\nstart: cold\ncache: [memory, remote]\n");
  ASSERT_TRUE(module.has_value());
  const Plan plan = expand(*module, example_names().functions, runtimes());
  ASSERT_EQ(plan.cells.size(), 2U);
  EXPECT_EQ(plan.cells[1].factors["cache"], "remote");
  EXPECT_EQ(plan.deployments.at(1).environment.pulled, CacheState::kRemote);
}

TEST(Given, CellsHaveTheFactorsThatApply) {
  const auto experiment = read("{name: shop, image: 'oci:x'}, {name: mod, wasm: m}",
                               "runtimes: [sandbox, crun, wasm-interp, wasm-aot]\nstart: warm\nformat: [json, cbor]\n");
  ASSERT_TRUE(experiment.has_value());
  const Plan plan = expand(*experiment, example_names().functions, runtimes());
  ASSERT_EQ(plan.cells.size(), 4U) << "an image on two runtimes, a module on two; formats multiply neither";
  EXPECT_EQ(
      plan.cells[1].factors.dump(),
      R"({"function":"shop","payload":null,"runtime":"crun","start":"warm","cache":null,"runtime_cache":null,)"
      R"("base":null,"isa":null,"wasm_simd":null,"aot_level":null,"device":"none","neighbour":"none","storage":null,"connection":null,"format":null,"load":"closed","concurrency":1,"rate":null,"arrivals":null,"routing":null,"container_concurrency":null,)"
      R"("link_client":"none","link_registry":null,"link_storage":null})");
  EXPECT_EQ(
      plan.cells[3].factors.dump(),
      R"({"function":"mod","payload":null,"runtime":"wasm-aot","start":"warm","cache":null,"runtime_cache":null,)"
      R"("base":"scratch","isa":"baseline","wasm_simd":null,"aot_level":3,"device":"none","neighbour":"none","storage":null,"connection":null,"format":null,"load":"closed","concurrency":1,"rate":null,"arrivals":null,"routing":null,"container_concurrency":null,)"
      R"("link_client":"none","link_registry":null,"link_storage":null})");
  EXPECT_NE(plan.given_of("shop"), nullptr);
  EXPECT_EQ(plan.given_of("noop"), nullptr);
  EXPECT_TRUE(check_runtimes(*experiment, runtimes()).has_value());
  EXPECT_EQ(factors_left_out(*experiment, runtimes())[0],
            "shop does not apply to wasm-interp, wasm-aot: it is an image");
}

TEST(Given, ARunNeedsARuntimeThatRunsIt) {
  const auto experiment = read("{name: shop, image: 'oci:x'}", "runtimes: [wasm-aot]\n");
  EXPECT_EQ(check_runtimes(*experiment, runtimes()).error().message,
            "e.yaml:1:33: 'shop' is an image, which none of 'runtimes' runs; these do: crun, sandbox");
}

TEST(Given, FilesAreReadFromTheExperimentsFolder) {
  const TemporaryFolder folder;
  const std::string begin("\0asm\1\0\0\0", 8);
  ASSERT_TRUE(write_file(folder / "m.wasm", begin + std::string("\x02\x13\x01\x03"
                                                                "env\x0bsock_listen\0\0",
                                                                21))
                  .has_value());
  ASSERT_TRUE(write_file(folder / "body", "from a file").has_value());
  GivenFunction f = given_of("{name: mod, wasm: m.wasm, request: {body: '@body'}}");
  ASSERT_TRUE(read_files(f, folder.path()).has_value());
  EXPECT_EQ(f.body, "from a file");
  EXPECT_EQ(f.given.module, folder / "m.wasm");
  EXPECT_FALSE(f.given.command);
  const auto refused = [&](const std::string& entry) {
    GivenFunction bad = given_of(entry);
    const auto read = read_files(bad, folder.path());
    return read ? "accepted" : read.error().message;
  };
  EXPECT_EQ(refused("{name: mod, wasm: body}"),
            "e.yaml:1:31: " + (folder / "body").string() + ": not a module of WebAssembly 1.0, or damaged");
  EXPECT_TRUE(refused("{name: mod, wasm: none}").starts_with("e.yaml:1:31: " + (folder / "none").string()));
  EXPECT_TRUE(
      refused("{name: mod, wasm: m.wasm, request: {body: '@/dev/zero'}}").starts_with("e.yaml:1:55: /dev/zero"));
  EXPECT_EQ(refused("{name: mod, image: 'oci:.'}"),
            "e.yaml:1:32: " + (folder / "").string() + ": not a folder with an OCI layout (it has no index.json)");
}

// A folder with a module that imports nothing.
class GivenCommand : public ::testing::Test {
 protected:
  GivenCommand() {
    EXPECT_TRUE(write_file(folder_ / "c.wasm", std::string_view("\0asm\1\0\0\0", 8)).has_value());
    EXPECT_TRUE(write_file(folder_ / "in", "its input").has_value());
  }

  Expected<Experiment> planned(const std::string& entry, const std::string& more = "") const {
    auto experiment = LUMOS_TRY(read(entry, more));
    LUMOS_TRY(read_given_files(experiment, folder_.path()));
    return experiment;
  }

  std::string refused(const std::string& entry, const std::string& more = "") const {
    const auto experiment = planned(entry, more);
    return experiment ? "accepted" : experiment.error().message;
  }

  TemporaryFolder folder_;
};

TEST_F(GivenCommand, HasColdCellsOnly) {
  const auto experiment = planned(
      "{name: c, wasm: c.wasm, env: {A: b}, request: {body: '@in'}, expect: {status: 200, digest: varies}}, noop",
      "runtimes: [crun, wasm-interp, wasm-aot]\n");
  ASSERT_TRUE(experiment.has_value()) << experiment.error().message;
  EXPECT_TRUE(experiment->functions[0].given->given.command);
  EXPECT_EQ(experiment->functions[0].given->body, "its input");
  const Plan plan = expand(*experiment, example_names().functions, runtimes());
  ASSERT_EQ(plan.cells.size(), 2U + 3U * 2U);
  EXPECT_EQ(plan.cells[0].start, Start::kCold);
  EXPECT_EQ(plan.cells[1].factors["runtime"], "wasm-aot");
  EXPECT_TRUE(given_from_json(to_json(*plan.given_of("c"))).command);
  const auto notes = factors_left_out(*experiment, runtimes());
  EXPECT_TRUE(std::ranges::contains(notes, "c has cold starts only: it is a command, which ends with its answer"));
}

TEST_F(GivenCommand, WhatOnlyServersHaveIsRefused) {
  const std::string why =
      " is for servers, and " + (folder_ / "c.wasm").string() +
      " is a command of WASI (it imports no sock_listen): of a request it gets the body, as its input";
  EXPECT_EQ(refused("{name: c, wasm: c.wasm, port: 9000}"), "e.yaml:1:37: 'port'" + why);
  EXPECT_EQ(refused("{name: c, wasm: c.wasm, ready: /up}"), "e.yaml:1:37: 'ready'" + why);
  EXPECT_EQ(refused("{name: c, wasm: c.wasm, request: {body: x, path: /}}"), "e.yaml:1:56: 'request.path'" + why);
  EXPECT_EQ(refused("{name: c, wasm: c.wasm, request: {method: PUT}}"), "e.yaml:1:47: 'request.method'" + why);
  EXPECT_EQ(refused("{name: c, wasm: c.wasm, request: {headers: {A: b}}}"), "e.yaml:1:47: 'request.headers'" + why);
}

TEST_F(GivenCommand, WarmStartsLoadsAndDensityAreRefused) {
  const std::string why = "e.yaml:1:29: 'c' is a command, which ends with its answer: ";
  EXPECT_EQ(refused("{name: c, wasm: c.wasm}", "start: warm\n"),
            why + "each invocation is a cold start; write 'start: cold'");
  EXPECT_EQ(refused("{name: c, wasm: c.wasm}", "load: {closed: {concurrency: [1, 2]}}\n"),
            why + "no load can be put on it; leave 'load' out");
  EXPECT_EQ(refused("{name: c, wasm: c.wasm}", "start: cold\ndensity: 2\n"),
            why + "its instances do not live side by side; leave 'density' out");
  EXPECT_EQ(refused("{name: c, wasm: c.wasm}", "start: cold\n"), "accepted");
}

}  // namespace
}  // namespace lumos
