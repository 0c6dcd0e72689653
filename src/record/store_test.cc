#include "record/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include "base/file.h"
#include "record/run_data.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

Plan small_plan() {
  Plan plan{.name = "small", .seed = 7, .stop = {.visit = std::chrono::seconds(3)}, .probes = 6, .density = 16};
  plan.deployments.push_back({.id = 0,
                              .function = "noop",
                              .runtime = "crun",
                              .variant = variant_of(ArtefactKind::kNative, {.base = Base::kDebianSlim}),
                              .scaling = {.max_scale = 3, .routing = Routing::kLeastLoaded},
                              .environment = {.storage = "redis",
                                              .connection = "kept",
                                              .link_storage = "lan",
                                              .pulled = CacheState::kRemote,
                                              .link_registry = "lte"},
                              .traits = {{"mode", "native"}},
                              .image_bytes = 1000,
                              .unique_bytes = 20,
                              .unpacked_bytes = 3000});
  plan.cells.push_back({.id = 0, .factors = {{"function", "noop"}, {"payload", nullptr}}, .start = Start::kCold});
  plan.inputs.push_back({.id = 0, .function = "noop", .content_type = "application/json", .body = "{}", .made = true});
  return plan;
}

Sample cold_sample(std::int64_t id) {
  Sample s{.id = id, .visit = 1, .http_status = 200, .start = Start::kCold, .start_verified = true, .instance = 3};
  s.stamps.intended = 100;
  s.stamps.done = 5100;
  s.spans.compute = 40;
  s.digest = "ab";
  return s;
}

TEST(Store, AnInputIsAnyBytes) {
  const TemporaryFolder folder;
  Plan plan = small_plan();
  Input binary{.id = 1,
               .function = "transfer",
               .payload = 50,
               .format = "protobuf",
               .stored = true,
               .content_type = "application/x-protobuf",
               .body = std::string("\0\xff\x80'\0", 5) + std::string(3'000'000, '\0'),
               .made = true,
               .payload_bytes = 51200,
               .payload_hash = "sha256:00",
               .input_key = "in",
               .output_key = "out"};
  plan.inputs.push_back(binary);
  ASSERT_TRUE(Store::create(folder / "run.sqlite", plan).has_value());
  const auto store = Store::open(folder / "run.sqlite", false);
  const auto read = store->plan();
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(read->inputs.size(), 2U);
  const Input& input = read->inputs[1];
  EXPECT_EQ(input.body, binary.body);
  EXPECT_EQ(input.payload, 50);
  EXPECT_TRUE(input.stored && input.made);
  EXPECT_EQ(input.payload_bytes, 51200);
  EXPECT_EQ(input.format + input.content_type + input.payload_hash + input.input_key + input.output_key,
            binary.format + binary.content_type + binary.payload_hash + binary.input_key + binary.output_key);
  EXPECT_EQ(read->inputs[0].payload_bytes, std::nullopt);
}

TEST(Store, ReadsBackWhatWasWritten) {
  const TemporaryFolder folder;
  {
    auto store = Store::create(folder / "run.sqlite", small_plan());
    ASSERT_TRUE(store.has_value()) << store.error().message;
    const Visit visit{.id = 1};
    ASSERT_TRUE(store->add(visit).has_value());
    ASSERT_TRUE(store->add(cold_sample(1)).has_value());
    ASSERT_TRUE(store
                    ->add(Instance{.id = 3,
                                   .visit = 1,
                                   .name = "i3",
                                   .memory_peak_bytes = 4096,
                                   .steps = {{Step::kEngine, 30, 40, std::nullopt}, {Step::kLibraries, 10, 25, 9}}})
                    .has_value());
    Visit done = visit;
    done.cache = {.image_pages = 9, .image_pages_cached = 2, .exception = "/a"};
    ASSERT_TRUE(store->finish(done).has_value());
    for (const std::int64_t bytes : {50, 60})  // the second replaces the first
      ASSERT_TRUE(store->add(DensityPoint{.instances = 2, .pss_bytes = bytes}).has_value());
    ASSERT_TRUE(store->add_event("interrupt", "Ctrl-C").has_value());
  }
  const auto run = load_run({folder.path()});
  ASSERT_TRUE(run.has_value()) << run.error().message;
  EXPECT_EQ(run->plan.seed, 7u);
  EXPECT_EQ(run->plan.stop.visit, std::chrono::seconds(3));
  EXPECT_EQ(run->plan.deployments.at(0).traits.dump(), R"({"mode":"native"})");
  EXPECT_EQ(run->plan.deployments.at(0).variant, small_plan().deployments[0].variant);
  EXPECT_EQ(run->plan.deployments.at(0).environment, small_plan().deployments[0].environment);
  EXPECT_EQ(run->plan.deployments.at(0).unique_bytes, 20);
  EXPECT_EQ(run->plan.deployments.at(0).unpacked_bytes, 3000);
  EXPECT_EQ(run->plan.deployments.at(0).artefact_bytes, std::nullopt);
  EXPECT_EQ(run->plan.cells.at(0).start, Start::kCold);
  EXPECT_EQ(run->plan.input_of(run->plan.cells.at(0)).body, "{}");
  EXPECT_TRUE(run->visits.at(0).finished);
  const Sample& s = run->samples.at(0);
  EXPECT_EQ(s.latency_ns(), 5000);
  EXPECT_EQ(s.spans.compute, 40);
  EXPECT_EQ(s.spans.fetch, std::nullopt);
  EXPECT_EQ(s.start_verified, true);
  EXPECT_EQ(s.stamps.ready, std::nullopt);
  EXPECT_EQ(run->instances.at(0).memory_peak_bytes, 4096);
  ASSERT_EQ(run->instances[0].steps.size(), 2u);
  EXPECT_EQ(run->instances[0].steps[0].step, Step::kLibraries);
  EXPECT_EQ(run->instances[0].steps[0].cpu_ns, 9);
  EXPECT_EQ(run->instances[0].steps[1].end_ns, 40);
  EXPECT_EQ(run->instances[0].steps[1].cpu_ns, std::nullopt);
  EXPECT_EQ(run->visits[0].cache.image_pages, 9);
  EXPECT_EQ(run->visits[0].cache.image_pages_cached, 2);
  EXPECT_EQ(run->visits[0].cache.runtime_pages, std::nullopt);
  EXPECT_EQ(run->visits[0].cache.exception, "/a");
  EXPECT_EQ(run->plan.probes, 6);
  EXPECT_EQ(run->plan.density, 16);
  ASSERT_EQ(run->density.size(), 1u);
  EXPECT_EQ(run->density[0].pss_bytes, 60);
  EXPECT_EQ(run->density[0].host_bytes, std::nullopt);
  EXPECT_EQ(run->events.at(0).first, "interrupt");
}

TEST(Store, ALoadAndWhatCameOfIt) {
  const TemporaryFolder folder;
  Plan plan = small_plan();
  const CellLoad open{.open = true, .rate = "50", .arrivals = "file:t", .times = {1, 5}, .samples = 7};
  const CellLoad closed{.concurrency = 20, .think = Nanoseconds(3), .think_exponential = true};
  for (const auto& load : {open, closed}) {
    plan.cells.push_back({.id = static_cast<std::int64_t>(plan.cells.size()), .load = load});
  }
  LoadRecord load{.visit = 1, .requests = 9, .outcomes = {6, 0, 0, 0, 0, 0, 2, 0, 1, 0}, .starts = {1, 2, 0, 5}};
  load.sent = 8, load.waited = 3, load.kept = 9;
  load.window = Nanoseconds(100), load.wall = Nanoseconds(200);
  load.schedule_error_p99_ns = 40;
  load.generator_cpu = Nanoseconds(50), load.generator_spun = Nanoseconds(10);
  load.core_busy_share = 0.25;
  load.backlog = {1, 2, 3};
  load.latencies = {{10, 4}, {20, 2}};
  {
    auto store = Store::create(folder / "run.sqlite", plan);
    ASSERT_TRUE(store.has_value());
    ASSERT_TRUE(store->add(load).has_value());
  }
  const auto store = Store::open(folder / "run.sqlite", false);
  const auto read = store->plan();
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->cells[0].load, std::nullopt);
  EXPECT_EQ(read->cells[1].load, open);
  EXPECT_EQ(read->cells[2].load, closed);
  const auto loads = store->loads();
  ASSERT_TRUE(loads.has_value()) << loads.error().message;
  ASSERT_EQ(loads->size(), 1u);
  const LoadRecord& l = loads->front();
  EXPECT_EQ(l.outcomes, load.outcomes);
  EXPECT_EQ(l.starts, load.starts);
  EXPECT_EQ(l.ok(), 6);
  EXPECT_EQ(l.errors(), 3);
  EXPECT_EQ(l.asked_per_s, std::nullopt);
  EXPECT_EQ(l.schedule_error_p50_ns, std::nullopt);
  EXPECT_EQ(l.schedule_error_p99_ns, 40);
  EXPECT_EQ(l.core_busy_share, 0.25);
  EXPECT_EQ(l.instance_cpu_ns, std::nullopt);
  EXPECT_EQ(l.backlog, load.backlog);
  EXPECT_EQ(l.latencies, load.latencies);
  EXPECT_DOUBLE_EQ(l.throughput_per_s(), 6 / 200e-9);
  EXPECT_DOUBLE_EQ(l.generator_share(), 0.2);
}

TEST(Store, AColdSampleIsCommittedAtOnceAndAWarmOneInTheBatch) {
  const TemporaryFolder folder;
  auto store = Store::create(folder / "run.sqlite", small_plan());
  ASSERT_TRUE(store.has_value());
  const auto seen = [&] { return Store::open(folder / "run.sqlite")->samples()->size(); };
  ASSERT_TRUE(store->add(cold_sample(1)).has_value());
  EXPECT_EQ(seen(), 1u);
  Sample warm = cold_sample(2);
  warm.start = Start::kWarm;
  ASSERT_TRUE(store->add(warm).has_value());
  ASSERT_TRUE(store->commit().has_value());
  EXPECT_EQ(seen(), 2u);
}

TEST(Store, RefusesAFileThatExists) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Store::create(folder / "run.sqlite", small_plan()).has_value());
  EXPECT_EQ(Store::create(folder / "run.sqlite", small_plan()).error().code, ErrorCode::kUsage);
}

TEST(Store, RefusesANewerSchema) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Store::create(folder / "run.sqlite", small_plan()).has_value());
  sqlite3* db = nullptr;
  sqlite3_open((folder / "run.sqlite").c_str(), &db);
  sqlite3_exec(db, "UPDATE meta SET value='99' WHERE key='schema'", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  const auto store = Store::open(folder / "run.sqlite");
  ASSERT_FALSE(store.has_value());
  EXPECT_NE(store.error().message.find("schema 99"), std::string::npos);
}

// As ninja does with its log: cut the file at many lengths; it loads or fails cleanly.
TEST(Store, AFileCutAnywhereLoadsOrFailsCleanly) {
  const TemporaryFolder folder;
  {
    auto store = Store::create(folder / "run.sqlite", small_plan());
    ASSERT_TRUE(store->add(Visit{.id = 1}).has_value());
    for (int i = 1; i <= 300; ++i) ASSERT_TRUE(store->add(cold_sample(i)).has_value());
  }
  const std::string whole = *read_file(folder / "run.sqlite");
  ASSERT_GT(whole.size(), 20000u);
  const TemporaryFolder cut;
  for (std::size_t length = 0; length < whole.size(); length += 509) {
    std::ofstream(cut / "run.sqlite", std::ios::binary | std::ios::trunc) << whole.substr(0, length);
    const auto run = load_run({cut.path()});
    if (!run) {
      EXPECT_EQ(run.error().code, ErrorCode::kUsage) << length << ": " << run.error().message;
    }
  }
}

// What a kill leaves: the last commits are in the log alone. Wherever that is cut, what was committed before stays.
TEST(Store, ALogCutAnywhereLosesNothingCommittedBefore) {
  constexpr int kSamples = 40;
  const TemporaryFolder folder;
  auto store = Store::create(folder / "run.sqlite", small_plan());
  ASSERT_TRUE(store->add(Visit{.id = 1}).has_value());
  for (int i = 1; i <= kSamples; ++i) ASSERT_TRUE(store->add(cold_sample(i)).has_value());
  const std::string file = *read_file(folder / "run.sqlite"), log = *read_file(folder / "run.sqlite-wal");
  ASSERT_GT(log.size(), 100'000u);
  const TemporaryFolder cut;
  std::size_t before = 0;
  for (std::size_t length = 0; length <= log.size();
       length = std::min(length + 4099, std::max(log.size(), length + 1))) {
    for (const char* name : {"run.sqlite", "run.sqlite-wal", "run.sqlite-shm"}) std::filesystem::remove(cut / name);
    std::ofstream(cut / "run.sqlite", std::ios::binary) << file;
    std::ofstream(cut / "run.sqlite-wal", std::ios::binary) << log.substr(0, length);
    const auto run = load_run({cut.path()});
    if (!run) {
      EXPECT_EQ(run.error().code, ErrorCode::kUsage) << length << ": " << run.error().message;
      EXPECT_EQ(before, 0u) << length << ": what a shorter log still had";
      continue;
    }
    EXPECT_GE(run->samples.size(), before) << length;
    before = run->samples.size();
    for (std::size_t i = 0; i < before; ++i) EXPECT_EQ(run->samples[i].id, static_cast<std::int64_t>(i) + 1);
  }
  EXPECT_EQ(before, static_cast<std::size_t>(kSamples)) << "the whole log has everything";
}

TEST(Store, KeepsScalingAndDecisions) {
  const TemporaryFolder folder;
  ScaleDecision first{.visit = 1,
                      .time = Nanoseconds(5),
                      .stable_concurrency = 2.5,
                      .desired = 4,
                      .actual = 1,
                      .panicking = true,
                      .reason = ScaleReason::kPanic};
  {
    auto store = Store::create(folder / "run.sqlite", small_plan());
    ASSERT_TRUE(store.has_value());
    ASSERT_TRUE(store->add(first).has_value());
  }
  const auto store = Store::open(folder / "run.sqlite");
  EXPECT_EQ(store->plan()->deployments[0].scaling, small_plan().deployments[0].scaling);
  const auto read = store->decisions();
  ASSERT_EQ(read->size(), 1U);
  const ScaleDecision& d = read->front();
  EXPECT_EQ(std::tuple(d.visit, d.time, d.stable_concurrency, d.panic_concurrency, d.desired, d.actual, d.panicking,
                       d.reason),
            std::tuple(first.visit, first.time, first.stable_concurrency, first.panic_concurrency, 4, 1, true,
                       ScaleReason::kPanic));
}

}  // namespace
}  // namespace lumos
