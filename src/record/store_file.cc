#include "record/store_file.h"

#include <unistd.h>

#include <charconv>
#include <vector>

#include "record/schema.h"

namespace lumos {

using sqlite::Statement;
namespace fs = std::filesystem;

namespace {

std::string escape_uri(const std::string& path) {
  std::string text;
  for (const char c : path)
    text += c == '%' || c == '?' || c == '#' ? std::format("%{:02x}", static_cast<unsigned>(c)) : std::string(1, c);
  return text;
}

bool readable(sqlite3* db) {
  auto statement = Statement::prepare(db, "SELECT count(*) FROM sqlite_schema");
  return statement && statement->next();
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

}  // namespace

Expected<sqlite::Database> open_database(const fs::path& path, int flags, const char* parameters) {
  const std::string name =
      std::string(path.is_absolute() ? "file://" : "file:") + escape_uri(path.string()) + "?" + parameters;
  sqlite3* raw = nullptr;
  const int status = sqlite3_open_v2(name.c_str(), &raw, flags | SQLITE_OPEN_URI, nullptr);
  sqlite::Database db(raw);
  if (status != SQLITE_OK) return fail(ErrorCode::kEnvironment, "{}: {}", path.string(), sqlite3_errstr(status));
  sqlite3_busy_timeout(raw, 2000);
  return db;
}

Expected<sqlite::Database> open_to_read(const fs::path& path) {
  const auto beside = [&](const char* suffix) { return fs::exists(path.string() + suffix); };
  // Without a log the file is whole.
  if (!beside("-wal") && !beside("-journal")) return open_database(path, SQLITE_OPEN_READONLY, "immutable=1");
  const bool writable = ::access(fs::absolute(path).parent_path().c_str(), W_OK) == 0;
  // A journal is left of a run that was killed as its store was made or closed: what had begun is undone, which writes.
  auto db = open_database(path, writable && beside("-journal") ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  if (writable || (db && readable(db->get()))) return db;
  // Alone with the file, SQLite keeps the index in memory; that nobody else is there it proves by locks, which a file
  // that cannot be written does not have.
  db = open_database(path, SQLITE_OPEN_READONLY, "vfs=unix-none");
  if (db) LUMOS_TRY(sqlite::execute(db->get(), "PRAGMA locking_mode=EXCLUSIVE"));
  return db;
}

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

}  // namespace lumos
