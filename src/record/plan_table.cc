#include "record/plan_table.h"

#include "record/input_table.h"
#include "record/json.h"
#include "record/schema.h"

namespace lumos {

using sqlite::Statement;

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
          .min = integer(j.at("min")),
          .max = integer(j.at("max")),
          .budget = Nanoseconds(integer(j.at("budget_ns"))),
          .invocations = integer(j.at("invocations")),
          .visit = j.at("visit_ns").is_null() ? std::nullopt : std::optional(Nanoseconds(integer(j.at("visit_ns")))),
          .timeout = Nanoseconds(integer(j.at("timeout_ns")))};
}

std::string given_to_json(const std::map<std::string, Given>& given) {
  auto json = nlohmann::ordered_json::object();
  for (const auto& [function, what] : given) json[function] = to_json(what);
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

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

Expected<Plan> read_plan(sqlite3* db) {
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

}  // namespace lumos
