#include "record/load_table.h"

#include <algorithm>
#include <format>

namespace lumos {

using sqlite::Statement;

namespace {

constexpr int kColumns = 32;

std::string insert_sql() {
  std::string sql = "INSERT INTO loads VALUES(?";
  for (int i = 1; i < kColumns; ++i) sql += ",?";
  return sql + ")";
}

// Fills the latencies of loads, which are in the order of their visits.
Expected<> read_latencies(sqlite3* db, std::vector<LoadRecord>& loads) {
  Statement row =
      LUMOS_TRY(Statement::prepare(db, "SELECT visit,latency_ns,count FROM load_latencies ORDER BY visit,latency_ns"));
  while (LUMOS_TRY(row.next())) {
    const std::int64_t visit = row.integer(), latency = row.integer(), count = row.integer();
    const auto found = std::ranges::lower_bound(loads, visit, {}, &LoadRecord::visit);
    if (found != loads.end() && found->visit == visit && latency >= 0 && count > 0)
      found->latencies.emplace_back(latency, count);
  }
  return {};
}

std::vector<std::int64_t> backlog_from(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  std::vector<std::int64_t> backlog;
  if (!json.is_array()) return backlog;
  for (const auto& number : json) {
    if (number.is_number_integer()) backlog.push_back(number.get<std::int64_t>());
  }
  return backlog;
}

}  // namespace

Expected<> write_load(sqlite3* db, const LoadRecord& l) {
  Statement row = LUMOS_TRY(Statement::prepare(db, insert_sql().c_str()));
  row.bind(l.visit).bind(l.requests);
  for (const std::int64_t n : l.outcomes) row.bind(n);
  for (const std::int64_t n : l.starts) row.bind(n);
  row.bind(l.sent).bind(l.waited).bind(l.kept).bind(l.asked_per_s);
  row.bind(std::int64_t{l.window.count()}).bind(std::int64_t{l.wall.count()});
  row.bind(l.schedule_error_p50_ns).bind(l.schedule_error_p99_ns).bind(l.schedule_error_max_ns);
  row.bind(std::int64_t{l.generator_cpu.count()}).bind(std::int64_t{l.generator_spun.count()}).bind(l.core_busy_share);
  row.bind(std::int64_t{l.real_time}).bind(l.instance_cpu_ns);
  const std::string backlog = nlohmann::json(l.backlog).dump();
  LUMOS_TRY(row.bind(std::string_view(backlog)).run());
  Statement latency = LUMOS_TRY(Statement::prepare(db, "INSERT INTO load_latencies VALUES(?,?,?)"));
  for (const auto& [ns, count] : l.latencies) LUMOS_TRY(latency.bind(l.visit).bind(ns).bind(count).run());
  return {};
}

Expected<std::vector<LoadRecord>> read_loads(sqlite3* db) {
  Statement row = LUMOS_TRY(Statement::prepare(db, "SELECT * FROM loads ORDER BY visit"));
  std::vector<LoadRecord> loads;
  while (LUMOS_TRY(row.next())) {
    LoadRecord& l = loads.emplace_back();
    l.visit = row.integer();
    l.requests = row.integer();
    for (auto& n : l.outcomes) n = row.integer();
    for (auto& n : l.starts) n = row.integer();
    for (auto* n : {&l.sent, &l.waited, &l.kept}) *n = row.integer();
    l.asked_per_s = row.maybe_real();
    for (auto* time : {&l.window, &l.wall}) *time = Nanoseconds(row.integer());
    for (auto* n : {&l.schedule_error_p50_ns, &l.schedule_error_p99_ns, &l.schedule_error_max_ns})
      *n = row.maybe_integer();
    for (auto* time : {&l.generator_cpu, &l.generator_spun}) *time = Nanoseconds(row.integer());
    l.core_busy_share = row.maybe_real();
    l.real_time = row.integer() != 0;
    l.instance_cpu_ns = row.maybe_integer();
    l.backlog = backlog_from(row.text());
  }
  LUMOS_TRY(read_latencies(db, loads));
  return loads;
}

}  // namespace lumos
