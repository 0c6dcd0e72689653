#include "record/store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "base/fd.h"
#include "record/load_table.h"
#include "record/plan_table.h"
#include "record/schema.h"
#include "record/sqlite.h"
#include "record/store_file.h"

namespace lumos {

using sqlite::Statement;
namespace fs = std::filesystem;

namespace {

std::string finish_visit_sql() {
  std::string sql = "UPDATE visits SET finished=1";
  for (const auto& [name, field] : kMachineUse) sql += std::format(",{}=?", name);
  for (const auto& [name, field] : kCacheUse) sql += std::format(",{}=?", name);
  sql += ",cache_exception=?";
  for (const auto& [name, field] : kNeighbourUse) sql += std::format(",{}=?", name);
  return sql + " WHERE id=?";
}

// Nine columns of its own, its counters, the cores.
std::string insert_instance_sql() {
  std::string sql = "INSERT INTO instances VALUES(?,?,?,?,?,?,?,?,?";
  for (std::size_t i = 0; i < kInstanceCounters.size(); ++i) sql += ",?";
  return sql + ",?)";
}

}  // namespace

struct Store::State {
  sqlite::Database db;
  std::optional<Statement> insert_visit, finish_visit, insert_sample, insert_instance, insert_point, insert_step,
      insert_density, insert_decision, insert_event;
  int open_rows = 0;
  std::int64_t batch_since_ns = 0;

  Expected<> prepare() {
    insert_visit =
        LUMOS_TRY(Statement::prepare(db.get(), "INSERT INTO visits(id,cell,round,finished) VALUES(?,?,?,?)"));
    finish_visit = LUMOS_TRY(Statement::prepare(db.get(), finish_visit_sql().c_str()));
    insert_sample = LUMOS_TRY(Statement::prepare(db.get(), kInsertSample));
    insert_instance = LUMOS_TRY(Statement::prepare(db.get(), insert_instance_sql().c_str()));
    insert_point = LUMOS_TRY(Statement::prepare(db.get(), "INSERT INTO series VALUES(?,?,?,?)"));
    insert_step = LUMOS_TRY(Statement::prepare(db.get(), "INSERT INTO steps VALUES(?,?,?,?,?)"));
    insert_density = LUMOS_TRY(Statement::prepare(db.get(), "INSERT OR REPLACE INTO density VALUES(?,?,?,?,?,?)"));
    insert_decision = LUMOS_TRY(Statement::prepare(db.get(), "INSERT INTO decisions VALUES(?,?,?,?,?,?,?,?,?)"));
    insert_event = LUMOS_TRY(Statement::prepare(
        db.get(), "INSERT INTO events(utc,kind,detail) VALUES(strftime('%Y-%m-%dT%H:%M:%fZ','now'),?,?)"));
    return {};
  }

  void finalize() {
    for (auto* statement : {&insert_visit, &finish_visit, &insert_sample, &insert_instance, &insert_point, &insert_step,
                            &insert_density, &insert_decision, &insert_event})
      statement->reset();
  }

  // Opens the batch before its first row.
  Expected<> begin() {
    if (open_rows++ > 0) return {};
    batch_since_ns = monotonic_ns();
    return sqlite::execute(db.get(), "BEGIN IMMEDIATE");
  }

  Expected<> commit() {
    if (open_rows == 0) return {};
    open_rows = 0;
    return sqlite::execute(db.get(), "COMMIT");
  }

  Expected<> commit_when_due(bool now) {
    if (now || open_rows >= 100 || monotonic_ns() - batch_since_ns >= 200'000'000) return commit();
    return {};
  }
};

namespace {

// Fills the steps of instances, which are in the order of their ids. An unknown step is passed over.
Expected<> read_steps(sqlite3* db, std::vector<Instance>& instances) {
  Statement row = LUMOS_TRY(Statement::prepare(db, "SELECT * FROM steps ORDER BY instance,begin_ns"));
  while (LUMOS_TRY(row.next())) {
    const std::int64_t id = row.integer();
    const auto found = std::ranges::lower_bound(instances, id, {}, &Instance::id);
    const auto step = parse_name<Step>(row.text());
    const StepTime time{.step = step.value_or(Step::kBundle),
                        .begin_ns = row.integer(),
                        .end_ns = row.integer(),
                        .cpu_ns = row.maybe_integer()};
    if (step && found != instances.end() && found->id == id) found->steps.push_back(time);
  }
  return {};
}

}  // namespace

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
// A store that was closed in order is one file, readable where nothing may be written.
Store::~Store() {
  if (!state_) return;
  (void)state_->commit();
  if (state_->insert_visit) {
    state_->finalize();
    (void)sqlite::execute(state_->db.get(), "PRAGMA journal_mode=DELETE");
  }
}

Expected<Store> Store::create(const fs::path& path, const Plan& plan) {
  // Made, not looked for: another run may begin in the same folder.
  const Fd made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!made && errno == EEXIST) return fail(ErrorCode::kUsage, "{}: exists already", path.string());
  if (!made) return fail_errno(path.string());
  auto state = std::make_unique<State>();
  state->db = LUMOS_TRY(open_database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  sqlite3* db = state->db.get();
  LUMOS_TRY(sqlite::execute(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE"));
  LUMOS_TRY(sqlite::execute(db, kCreateTables));
  LUMOS_TRY(write_plan(db, plan));
  LUMOS_TRY(sqlite::execute(db, "COMMIT"));
  LUMOS_TRY(state->prepare());
  return Store(std::move(state));
}

Expected<Store> Store::open(const fs::path& path, bool writable) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail(ErrorCode::kUsage, "{}: {}", path.string(), std::strerror(errno));
  // SQLite reads a page that is cut short as if it ended in zeros. Pages are powers of two from 512.
  if (status.st_size % 512 != 0)
    return fail(ErrorCode::kUsage, "{}: damaged: it ends in the middle of a page", path.string());
  auto state = std::make_unique<State>();
  state->db = LUMOS_TRY(writable ? open_database(path, SQLITE_OPEN_READWRITE) : open_to_read(path));
  LUMOS_TRY(check_schema(state->db.get(), path));
  if (writable) {
    LUMOS_TRY(sqlite::execute(state->db.get(), "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"));
    LUMOS_TRY(state->prepare());
  }
  return Store(std::move(state));
}

Expected<> Store::add(const Visit& v) {
  LUMOS_TRY(state_->begin());
  const std::int64_t finished = v.finished ? 1 : 0;
  LUMOS_TRY(state_->insert_visit->bind(v.id).bind(v.cell).bind(v.round).bind(finished).run());
  return state_->commit_when_due(true);
}

Expected<> Store::finish(const Visit& v) {
  LUMOS_TRY(state_->begin());
  Statement& row = *state_->finish_visit;
  for (const auto& [name, field] : kMachineUse) row.bind(v.machine.*field);
  for (const auto& [name, field] : kCacheUse) row.bind(v.cache.*field);
  row.bind(std::string_view(v.cache.exception));
  for (const auto& [name, field] : kNeighbourUse) row.bind(v.neighbour.*field);
  LUMOS_TRY(row.bind(v.id).run());
  return state_->commit_when_due(true);
}

Expected<> Store::add(const Sample& s) {
  LUMOS_TRY(state_->begin());
  Statement& row = *state_->insert_sample;
  const auto name = [](const auto& value) {
    return value ? std::optional<std::string_view>(name_of(*value)) : std::nullopt;
  };
  row.bind(s.id).bind(s.visit).bind(name_of(s.role)).bind(name_of(s.outcome)).bind(s.http_status).bind(name(s.start));
  row.bind(s.start_verified).bind(s.instance).bind(s.invocation).bind(s.idle_gap_ns);
  const Stamps& t = s.stamps;
  for (const auto& stamp :
       {t.intended, t.sent, t.received, t.pull_begin, t.pull_end, t.unpack_begin, t.unpack_end, t.create_begin,
        t.create_end, t.start_begin, t.start_end, t.ready, t.dispatched, t.responded, t.done}) {
    row.bind(stamp);
  }
  const Spans& p = s.spans;
  for (const auto& span :
       {p.receive, p.deserialize, p.fetch, p.compute, p.digest, p.store, p.serialize, p.handle, p.cpu})
    row.bind(span);
  row.bind(s.cpu_before_ns).bind(s.cpu_after_ns).bind(s.request_bytes).bind(s.response_bytes);
  LUMOS_TRY(row.bind(std::string_view(s.digest)).run());
  const bool slow = s.latency_ns().value_or(0) >= 200'000'000;
  return state_->commit_when_due(slow || s.start == Start::kCold);
}

Expected<> Store::add(const Instance& i) {
  LUMOS_TRY(state_->begin());
  Statement& row = *state_->insert_instance;
  row.bind(i.id).bind(i.visit).bind(name_of(i.role)).bind(std::string_view(i.name));
  row.bind(i.cpu_launch_ns).bind(i.cpu_total_ns);
  row.bind(i.memory_peak_bytes).bind(i.aot_code_bytes).bind(std::string_view(i.note));
  for (const auto& [name, field] : kInstanceCounters) row.bind(i.counters.*field);
  LUMOS_TRY(row.bind(i.cores_allowed).run());
  for (const auto& s : i.steps) {
    Statement& step = *state_->insert_step;
    LUMOS_TRY(step.bind(i.id).bind(name_of(s.step)).bind(s.begin_ns).bind(s.end_ns).bind(s.cpu_ns).run());
  }
  for (const auto& p : i.series) {
    LUMOS_TRY(state_->begin());
    LUMOS_TRY(state_->insert_point->bind(i.id).bind(p.t_ns).bind(p.cpu_total_ns).bind(p.memory_bytes).run());
    LUMOS_TRY(state_->commit_when_due(false));
  }
  return state_->commit_when_due(false);
}

Expected<> Store::add(const LoadRecord& load) {
  LUMOS_TRY(state_->begin());
  LUMOS_TRY(write_load(state_->db.get(), load));
  return state_->commit_when_due(false);
}

Expected<> Store::add(const DensityPoint& p) {
  LUMOS_TRY(state_->begin());
  Statement& row = *state_->insert_density;
  row.bind(p.deployment).bind(p.repetition).bind(p.instances);
  LUMOS_TRY(row.bind(p.pss_bytes).bind(p.memory_bytes).bind(p.host_bytes).run());
  return state_->commit_when_due(false);
}

Expected<> Store::add(const ScaleDecision& d) {
  LUMOS_TRY(state_->begin());
  Statement& row = *state_->insert_decision;
  row.bind(d.visit).bind(d.deployment).bind(d.time.count()).bind(d.stable_concurrency).bind(d.panic_concurrency);
  row.bind(std::int64_t{d.desired}).bind(std::int64_t{d.actual}).bind(std::int64_t{d.panicking});
  LUMOS_TRY(row.bind(name_of(d.reason)).run());
  return state_->commit_when_due(false);
}

Expected<> Store::add_event(const std::string& kind, const std::string& detail) {
  LUMOS_TRY(state_->begin());
  LUMOS_TRY(state_->insert_event->bind(std::string_view(kind)).bind(std::string_view(detail)).run());
  return state_->commit_when_due(true);
}

Expected<> Store::commit() { return state_->commit(); }

Expected<Plan> Store::plan() const { return read_plan(state_->db.get()); }

Expected<std::vector<Visit>> Store::visits() const {
  Statement row = LUMOS_TRY(Statement::prepare(state_->db.get(), "SELECT * FROM visits ORDER BY id"));
  std::vector<Visit> visits;
  while (LUMOS_TRY(row.next())) {
    Visit& v = visits.emplace_back(
        Visit{.id = row.integer(), .cell = row.integer(), .round = row.integer(), .finished = row.integer() != 0});
    for (const auto& [name, field] : kMachineUse) v.machine.*field = row.maybe_integer();
    for (const auto& [name, field] : kCacheUse) v.cache.*field = row.maybe_integer();
    v.cache.exception = row.maybe_text().value_or("");
    for (const auto& [name, field] : kNeighbourUse) v.neighbour.*field = row.maybe_integer();
  }
  return visits;
}

Expected<std::vector<Sample>> Store::samples() const {
  Statement row = LUMOS_TRY(Statement::prepare(state_->db.get(), "SELECT * FROM samples ORDER BY id"));
  std::vector<Sample> samples;
  while (LUMOS_TRY(row.next())) {
    Sample& s = samples.emplace_back();
    s.id = row.integer();
    s.visit = row.integer();
    s.role = parse_name<Role>(row.text()).value_or(Role::kMeasure);
    s.outcome = parse_name<Outcome>(row.text()).value_or(Outcome::kMalformed);
    if (const auto status = row.maybe_integer()) s.http_status = static_cast<int>(*status);
    if (const auto start = row.maybe_text()) s.start = parse_name<Start>(*start);
    if (const auto verified = row.maybe_integer()) s.start_verified = *verified != 0;
    for (auto* field : {&s.instance, &s.invocation, &s.idle_gap_ns}) *field = row.maybe_integer();
    Stamps& t = s.stamps;
    for (auto* stamp : {&t.intended, &t.sent, &t.received, &t.pull_begin, &t.pull_end, &t.unpack_begin, &t.unpack_end,
                        &t.create_begin, &t.create_end, &t.start_begin, &t.start_end, &t.ready, &t.dispatched,
                        &t.responded, &t.done}) {
      *stamp = row.maybe_integer();
    }
    Spans& p = s.spans;
    for (auto* span :
         {&p.receive, &p.deserialize, &p.fetch, &p.compute, &p.digest, &p.store, &p.serialize, &p.handle, &p.cpu}) {
      *span = row.maybe_integer();
    }
    for (auto* field : {&s.cpu_before_ns, &s.cpu_after_ns, &s.request_bytes, &s.response_bytes}) {
      *field = row.maybe_integer();
    }
    s.digest = row.text();
  }
  return samples;
}

Expected<std::vector<Instance>> Store::instances() const {
  Statement row = LUMOS_TRY(Statement::prepare(state_->db.get(), "SELECT * FROM instances ORDER BY id"));
  std::vector<Instance> instances;
  while (LUMOS_TRY(row.next())) {
    Instance& i = instances.emplace_back(Instance{.id = row.integer(),
                                                  .visit = row.integer(),
                                                  .role = parse_name<Role>(row.text()).value_or(Role::kMeasure),
                                                  .name = row.text(),
                                                  .cpu_launch_ns = row.maybe_integer(),
                                                  .cpu_total_ns = row.maybe_integer(),
                                                  .memory_peak_bytes = row.maybe_integer(),
                                                  .aot_code_bytes = row.maybe_integer(),
                                                  .note = row.text()});
    for (const auto& [name, field] : kInstanceCounters) i.counters.*field = row.maybe_integer();
    i.cores_allowed = row.maybe_text();
  }
  LUMOS_TRY(read_steps(state_->db.get(), instances));
  return instances;
}

Expected<std::vector<LoadRecord>> Store::loads() const { return read_loads(state_->db.get()); }

Expected<std::vector<DensityPoint>> Store::density() const {
  Statement row =
      LUMOS_TRY(Statement::prepare(state_->db.get(), "SELECT * FROM density ORDER BY deployment,repetition,instances"));
  std::vector<DensityPoint> points;
  while (LUMOS_TRY(row.next())) {
    points.push_back({.deployment = row.integer(),
                      .repetition = row.integer(),
                      .instances = row.integer(),
                      .pss_bytes = row.maybe_integer(),
                      .memory_bytes = row.maybe_integer(),
                      .host_bytes = row.maybe_integer()});
  }
  return points;
}

Expected<std::vector<ScaleDecision>> Store::decisions() const {
  Statement row =
      LUMOS_TRY(Statement::prepare(state_->db.get(), "SELECT * FROM decisions ORDER BY visit,deployment,t_ns"));
  std::vector<ScaleDecision> decisions;
  while (LUMOS_TRY(row.next())) {
    decisions.push_back({.visit = row.integer(),
                         .deployment = row.integer(),
                         .time = Nanoseconds(row.integer()),
                         .stable_concurrency = row.maybe_real(),
                         .panic_concurrency = row.maybe_real(),
                         .desired = static_cast<int>(row.integer()),
                         .actual = static_cast<int>(row.integer()),
                         .panicking = row.integer() != 0,
                         .reason = parse_name<ScaleReason>(row.text()).value_or(ScaleReason::kNoData)});
  }
  return decisions;
}

Expected<std::vector<SeriesPoint>> Store::series(std::int64_t instance) const {
  Statement row = LUMOS_TRY(Statement::prepare(
      state_->db.get(), "SELECT t_ns,cpu_total_ns,memory_bytes FROM series WHERE instance=? ORDER BY t_ns"));
  row.bind(instance);
  std::vector<SeriesPoint> points;
  while (LUMOS_TRY(row.next())) {
    points.push_back({.t_ns = row.integer(), .cpu_total_ns = row.maybe_integer(), .memory_bytes = row.maybe_integer()});
  }
  return points;
}

Expected<std::vector<std::pair<std::string, std::string>>> Store::events() const {
  Statement row = LUMOS_TRY(Statement::prepare(state_->db.get(), "SELECT kind,detail FROM events ORDER BY id"));
  std::vector<std::pair<std::string, std::string>> events;
  while (LUMOS_TRY(row.next())) {
    std::string kind = row.text();
    events.emplace_back(std::move(kind), row.text());
  }
  return events;
}

}  // namespace lumos
