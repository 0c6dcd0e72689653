#include "record/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/fd.h"
#include "record/input_table.h"
#include "record/load_table.h"
#include "record/schema.h"
#include "record/sqlite.h"

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

std::string stop_to_json(const StopRule& s) {
  return nlohmann::ordered_json{{"of", s.of},
                                {"ci", s.ci},
                                {"min", s.min},
                                {"max", s.max},
                                {"budget_ns", s.budget.count()},
                                {"invocations", s.invocations},
                                {"visit_ns", s.visit ? nlohmann::ordered_json(s.visit->count()) : nullptr},
                                {"timeout_ns", s.timeout.count()}}
      .dump();
}

StopRule stop_from_json(const nlohmann::json& j) {
  return {.of = j.at("of"),
          .ci = j.at("ci"),
          .min = j.at("min"),
          .max = j.at("max"),
          .budget = Nanoseconds(j.at("budget_ns").get<std::int64_t>()),
          .invocations = j.at("invocations"),
          .visit = j.at("visit_ns").is_null() ? std::nullopt
                                              : std::optional(Nanoseconds(j.at("visit_ns").get<std::int64_t>())),
          .timeout = Nanoseconds(j.at("timeout_ns").get<std::int64_t>())};
}

std::string given_to_json(const std::map<std::string, Given>& given) {
  auto json = nlohmann::ordered_json::object();
  for (const auto& [function, what] : given) json[function] = to_json(what);
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Expected<> write_plan(sqlite3* db, const Plan& plan) {
  Statement meta = LUMOS_TRY(Statement::prepare(db, "INSERT INTO meta VALUES(?,?)"));
  const auto put = [&](std::string_view key, std::string_view value) { return meta.bind(key).bind(value).run(); };
  LUMOS_TRY(put("schema", std::to_string(kStoreSchema)));
  LUMOS_TRY(put("name", plan.name));
  LUMOS_TRY(put("seed", std::to_string(plan.seed)));
  LUMOS_TRY(put("stop", stop_to_json(plan.stop)));
  LUMOS_TRY(put("series", plan.series ? "on" : "off"));
  LUMOS_TRY(put("probes", std::to_string(plan.probes)));
  LUMOS_TRY(put("density", std::to_string(plan.density)));
  if (!plan.given.empty()) LUMOS_TRY(put("given", given_to_json(plan.given)));
  if (!plan.own_servers.empty()) LUMOS_TRY(put("own_servers", nlohmann::json(plan.own_servers).dump()));
  auto links = nlohmann::ordered_json::array();
  for (const auto& link : plan.links) links.push_back(to_json(link));
  LUMOS_TRY(put("links", links.dump()));
  Statement deployment =
      LUMOS_TRY(Statement::prepare(db, "INSERT INTO deployments VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  for (const auto& d : plan.deployments) {
    deployment.bind(d.id).bind(d.function).bind(d.runtime).bind(factors_of(d.variant).dump());
    deployment.bind(factors_of(d.environment).dump()).bind(d.traits.dump());
    deployment.bind(d.image_digest).bind(d.image_bytes).bind(d.unique_bytes).bind(d.unpacked_bytes);
    deployment.bind(d.artefact_bytes).bind(d.image_verified);
    LUMOS_TRY(deployment.bind(to_json(d.device).dump()).bind(to_json(d.scaling).dump()).run());
  }
  Statement cell = LUMOS_TRY(Statement::prepare(db, "INSERT INTO cells VALUES(?,?,?,?,?,?,?)"));
  for (const auto& c : plan.cells) {
    cell.bind(c.id).bind(c.deployment).bind(c.factors.dump()).bind(name_of(c.start)).bind(c.input);
    cell.bind(c.expected_digest);
    LUMOS_TRY(cell.bind(c.load.transform([](const CellLoad& load) { return to_json(load).dump(); })).run());
  }
  return write_inputs(db, plan.inputs);
}

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

std::string escape_uri(const std::string& path) {
  std::string text;
  for (const char c : path)
    text += c == '%' || c == '?' || c == '#' ? std::format("%{:02x}", static_cast<unsigned>(c)) : std::string(1, c);
  return text;
}

// `parameters` are those of SQLite's file names, such as immutable=1.
Expected<sqlite::Database> open_database(const fs::path& path, int flags, const char* parameters = "") {
  const std::string name =
      std::string(path.is_absolute() ? "file://" : "file:") + escape_uri(path.string()) + "?" + parameters;
  sqlite3* raw = nullptr;
  const int status = sqlite3_open_v2(name.c_str(), &raw, flags | SQLITE_OPEN_URI, nullptr);
  sqlite::Database db(raw);
  if (status != SQLITE_OK) return fail(ErrorCode::kEnvironment, "{}: {}", path.string(), sqlite3_errstr(status));
  sqlite3_busy_timeout(raw, 2000);
  return db;
}

bool readable(sqlite3* db) {
  auto statement = Statement::prepare(db, "SELECT count(*) FROM sqlite_schema");
  return statement && statement->next();
}

// SQLite wants to write beside a file that it reads: the index of a log at least. A run must be readable where nothing
// may be written.
Expected<sqlite::Database> open_to_read(const fs::path& path) {
  const auto beside = [&](const char* suffix) { return fs::exists(path.string() + suffix); };
  // Without a log the file is whole.
  if (!beside("-wal") && !beside("-journal")) return open_database(path, SQLITE_OPEN_READONLY, "immutable=1");
  auto db = open_database(path, SQLITE_OPEN_READONLY);
  const fs::path folder = fs::absolute(path).parent_path();
  if ((db && readable(db->get())) || ::access(folder.c_str(), W_OK) == 0) return db;
  // Alone with the file, SQLite keeps the index in memory; that nobody else is there it proves by locks, which a file
  // that cannot be written does not have.
  db = open_database(path, SQLITE_OPEN_READONLY, "vfs=unix-none");
  if (db) LUMOS_TRY(sqlite::execute(db->get(), "PRAGMA locking_mode=EXCLUSIVE"));
  return db;
}

/// The statements that made what is in a database.
Expected<std::vector<std::string>> statements_of(sqlite3* db) {
  auto row = LUMOS_TRY(Statement::prepare(db, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY sql"));
  std::vector<std::string> statements;
  while (LUMOS_TRY(row.next())) statements.push_back(row.text());
  return statements;
}

// Rows are read by the places of their columns. Anything else than the very tables, such as a view in the place of one,
// is not read.
Expected<> check_tables(sqlite3* db, const fs::path& path) {
  const auto ours = LUMOS_TRY(open_database(":memory:", SQLITE_OPEN_READWRITE));
  LUMOS_TRY(sqlite::execute(ours.get(), kCreateTables));
  const auto found = statements_of(db);
  if (found && *found == LUMOS_TRY(statements_of(ours.get()))) return {};
  return fail(ErrorCode::kUsage,
              "{}: damaged, or written by another state of this program: its tables are not those of schema {}",
              path.string(), kStoreSchema);
}

// A file that is not a run, or one of another program, is refused before anything is read from it.
Expected<> check_schema(sqlite3* db, const fs::path& path) {
  auto statement = Statement::prepare(db, "SELECT value FROM meta WHERE key='schema'");
  if (!statement && statement.error().code == ErrorCode::kEnvironment) return std::unexpected(statement.error());
  if (!statement)
    return fail(ErrorCode::kUsage, "{}: not a run of Lumos, or damaged ({})", path.string(), sqlite3_errmsg(db));
  const auto row = statement->next();
  if (!row || !*row) return fail(ErrorCode::kUsage, "{}: not a run of Lumos, or damaged", path.string());
  const std::string text = statement->text();
  int schema = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), schema);
  if (status != std::errc{} || end != text.data() + text.size() || schema < 1)
    return fail(ErrorCode::kUsage, "{}: not a run of Lumos, or damaged", path.string());
  if (schema != kStoreSchema) {
    return fail(
        ErrorCode::kUsage,
        "{}: was written by {} Lumos: it has schema {}, this one reads schema {}; read it with the version named "
        "in its manifest.json, or measure again",
        path.string(), schema > kStoreSchema ? "a newer" : "an older", schema, kStoreSchema);
  }
  return check_tables(db, path);
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

Expected<Plan> Store::plan() const {
  sqlite3* db = state_->db.get();
  Plan plan;
  try {
    Statement meta = LUMOS_TRY(Statement::prepare(db, "SELECT key,value FROM meta"));
    while (LUMOS_TRY(meta.next())) {
      const std::string key = meta.text(), value = meta.text();
      if (key == "name") plan.name = value;
      if (key == "seed") plan.seed = std::stoull(value);
      if (key == "stop") plan.stop = stop_from_json(nlohmann::json::parse(value));
      if (key == "series") plan.series = value == "on";
      if (key == "probes") plan.probes = std::stoll(value);
      if (key == "density") plan.density = std::stoll(value);
      if (key == "given") {
        const auto given = nlohmann::json::parse(value);
        for (const auto& [function, what] : given.items()) plan.given[function] = given_from_json(what);
      }
      if (key == "own_servers") plan.own_servers = nlohmann::json::parse(value).get<OwnServers>();
      if (key != "links") continue;
      for (const auto& link : nlohmann::json::parse(value)) plan.links.push_back(LUMOS_TRY(link_from_json(link)));
    }
    Statement d =
        LUMOS_TRY(Statement::prepare(db,
                                     "SELECT "
                                     "id,function,runtime,variant,environment,traits,image_digest,image_bytes,unique_"
                                     "bytes,unpacked_bytes,artefact_bytes,image_verified,device,scaling "
                                     "FROM deployments ORDER BY id"));
    while (LUMOS_TRY(d.next())) {
      plan.deployments.push_back(
          {.id = d.integer(),
           .function = d.text(),
           .runtime = d.text(),
           .variant = variant_from_json(nlohmann::json::parse(d.text())),
           .environment = environment_from_json(nlohmann::json::parse(d.text())),
           .traits = nlohmann::ordered_json::parse(d.text()),
           .image_digest = d.text(),
           .image_bytes = d.maybe_integer(),
           .unique_bytes = d.maybe_integer(),
           .unpacked_bytes = d.maybe_integer(),
           .artefact_bytes = d.maybe_integer(),
           .image_verified = d.maybe_integer().transform([](std::int64_t v) { return v != 0; })});
      plan.deployments.back().device = device_from_json(nlohmann::json::parse(d.text()));
      plan.deployments.back().scaling = scaling_from_json(nlohmann::json::parse(d.text()));
    }
    Statement c = LUMOS_TRY(
        Statement::prepare(db, "SELECT id,deployment,factors,start,input,expected_digest,load FROM cells ORDER BY id"));
    while (LUMOS_TRY(c.next())) {
      plan.cells.push_back({.id = c.integer(),
                            .deployment = c.integer(),
                            .factors = nlohmann::ordered_json::parse(c.text()),
                            .start = parse_name<Start>(c.text()).value_or(Start::kWarm),
                            .input = c.integer(),
                            .expected_digest = c.maybe_text()});
      if (const auto load = c.maybe_text()) plan.cells.back().load = load_from_json(nlohmann::json::parse(*load));
    }
    plan.inputs = LUMOS_TRY(read_inputs(db));
  } catch (const std::exception& damaged) {
    return fail(ErrorCode::kUsage, "{}: damaged plan ({})", sqlite3_db_filename(db, "main"), damaged.what());
  }
  return plan;
}

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
