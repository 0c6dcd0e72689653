#include "record/sqlite.h"

namespace lumos::sqlite {

std::unexpected<Error> failure(sqlite3* db) {
  const int status = sqlite3_errcode(db) & 0xff;
  // What a sound file holds is never too big, and there is memory to read it: a length in it is wrong.
  const bool reads = db != nullptr && sqlite3_db_readonly(db, "main") == 1;
  const bool too_long = status == SQLITE_TOOBIG || (status == SQLITE_NOMEM && reads);
  const bool damaged = too_long || status == SQLITE_CORRUPT || status == SQLITE_NOTADB || status == SQLITE_ERROR;
  const ErrorCode code = damaged ? ErrorCode::kUsage : ErrorCode::kEnvironment;
  const char* path = db == nullptr ? nullptr : sqlite3_db_filename(db, "main");
  return fail(code, "{}: {}", path == nullptr ? "run.sqlite" : path,
              too_long ? "damaged: a length in it is too large" : sqlite3_errmsg(db));
}

Expected<> execute(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure(db);
  return {};
}

Expected<Statement> Statement::prepare(sqlite3* db, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) return failure(db);
  return Statement(statement);
}

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), ++bound_, value);
  return *this;
}

Statement& Statement::bind(double value) {
  sqlite3_bind_double(statement_.get(), ++bound_, value);
  return *this;
}

Statement& Statement::bind_bytes(std::string_view value) {
  // A null pointer would be NULL.
  sqlite3_bind_blob64(statement_.get(), ++bound_, value.empty() ? "" : value.data(), value.size(), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  sqlite3_bind_text(statement_.get(), ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
  return *this;
}

Expected<> Statement::run() {
  const int status = sqlite3_step(statement_.get());
  sqlite3* db = sqlite3_db_handle(statement_.get());
  std::optional<std::unexpected<Error>> error;
  if (status != SQLITE_DONE && status != SQLITE_ROW) error = failure(db);
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  bound_ = 0;
  if (error) return *error;
  return {};
}

Expected<bool> Statement::next() {
  column_ = 0;
  const int status = sqlite3_step(statement_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  return failure(sqlite3_db_handle(statement_.get()));
}

std::string Statement::text() { return maybe_text().value_or(""); }

std::optional<std::int64_t> Statement::maybe_integer() {
  const int column = column_++;
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<double> Statement::maybe_real() {
  const int column = column_++;
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return sqlite3_column_double(statement_.get(), column);
}

std::optional<std::string> Statement::maybe_text() {
  const int column = column_++;
  const auto* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(text),
                     static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

}  // namespace lumos::sqlite
