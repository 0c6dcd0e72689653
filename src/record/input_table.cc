#include "record/input_table.h"

namespace lumos {

using sqlite::Statement;

Expected<> write_inputs(sqlite3* db, const std::vector<Input>& inputs) {
  Statement row = LUMOS_TRY(Statement::prepare(db, "INSERT INTO inputs VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"));
  for (const auto& i : inputs) {
    row.bind(i.id).bind(i.function).bind(i.payload.dump()).bind(i.format).bind(std::int64_t{i.stored});
    row.bind(i.content_type).bind_bytes(i.body).bind(std::int64_t{i.made}).bind(i.payload_bytes).bind(i.payload_hash);
    LUMOS_TRY(row.bind(i.input_key).bind(i.output_key).run());
  }
  return {};
}

Expected<std::vector<Input>> read_inputs(sqlite3* db) {
  Statement row = LUMOS_TRY(Statement::prepare(db, "SELECT * FROM inputs ORDER BY id"));
  std::vector<Input> inputs;
  while (LUMOS_TRY(row.next())) {
    Input& i = inputs.emplace_back();
    i.id = row.integer();
    i.function = row.text();
    i.payload = nlohmann::ordered_json::parse(row.text(), nullptr, false);
    i.format = row.text();
    i.stored = row.integer() != 0;
    i.content_type = row.text();
    i.body = row.text();
    i.made = row.integer() != 0;
    i.payload_bytes = row.maybe_integer();
    for (auto* text : {&i.payload_hash, &i.input_key, &i.output_key}) *text = row.text();
  }
  return inputs;
}

}  // namespace lumos
