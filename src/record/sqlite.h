// The few calls of SQLite that the store needs, with errors that name the file. Internal to src/record.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace lumos::sqlite {

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// "PATH: what SQLite says" of its last failure: kUsage when the file is not what it should be, kEnvironment when the
/// machine did not let it read or write.
std::unexpected<Error> failure(sqlite3* db);

Expected<> execute(sqlite3* db, const char* sql);

/// A prepared statement: bind in order, then `run` or `next` row by row, reading columns in order.
class Statement {
 public:
  static Expected<Statement> prepare(sqlite3* db, const char* sql);

  Statement& bind(std::int64_t value);
  Statement& bind(double value);
  Statement& bind(std::string_view value);
  /// Any bytes, as a BLOB. `text` reads them back.
  Statement& bind_bytes(std::string_view value);
  template <typename T>
  Statement& bind(const std::optional<T>& value) {
    if (!value) return skip();
    if constexpr (std::is_integral_v<T>) {
      return bind(static_cast<std::int64_t>(*value));
    } else {
      return bind(*value);
    }
  }
  /// NULL.
  Statement& skip() {
    ++bound_;
    return *this;
  }

  /// Executes and makes ready for the next use.
  Expected<> run();
  /// True while there is a row.
  Expected<bool> next();

  std::int64_t integer() { return sqlite3_column_int64(statement_.get(), column_++); }
  std::string text();
  std::optional<std::int64_t> maybe_integer();
  std::optional<double> maybe_real();
  std::optional<std::string> maybe_text();

 private:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, FinishStatement> statement_;
  int bound_ = 0;
  int column_ = 0;
};

}  // namespace lumos::sqlite
