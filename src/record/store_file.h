// Opens the file run.sqlite, and refuses what is none. Internal to src/record.
#pragma once

#include <filesystem>

#include "record/sqlite.h"

namespace lumos {

/// `parameters` are those of SQLite's file names, such as immutable=1. Error: kEnvironment.
Expected<sqlite::Database> open_database(const std::filesystem::path& path, int flags, const char* parameters = "");
/// SQLite wants to write beside a file that it reads: the index of a log at least. A run must be readable where nothing
/// may be written.
Expected<sqlite::Database> open_to_read(const std::filesystem::path& path);
/// A file that is not a run, or one of another program, is refused before anything is read from it. Error: kUsage.
Expected<> check_schema(sqlite3* db, const std::filesystem::path& path);

}  // namespace lumos
