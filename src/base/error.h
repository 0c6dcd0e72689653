// Errors: std::expected<T, Error> is the one idiom. A failed invocation is not an Error but data (record/vocabulary.h).
#pragma once

#include <cstdio>
#include <cstdlib>
#include <expected>
#include <format>
#include <string>
#include <utility>

namespace lumos {

/// Why something failed; the values are the exit codes of the CLI.
enum class ErrorCode : int {
  kMeasuredFailure = 1,  // finished, but something measured failed
  kUsage = 2,            // wrong flag or bad input file
  kEnvironment = 3,      // the machine lacks something
  kInternal = 70,        // a defect of Lumos
};

/// A failure. `message` names the object (file:line:column, function, run); the CLI adds the next step.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  bool operator==(const Error&) const = default;
};

template <typename T = void>
using Expected = std::expected<T, Error>;

template <typename... Args>
std::unexpected<Error> fail(ErrorCode code, std::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{code, std::format(format, std::forward<Args>(args)...)});
}

/// "WHAT: strerror(errno)" with the code for a lacking environment.
std::unexpected<Error> fail_errno(const std::string& what);

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace lumos

/// A broken invariant ends the process. User input can never reach it.
#define LUMOS_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::lumos::check_failed(#condition, __FILE__, __LINE__))

/// The value of an Expected, or return its error from the enclosing function.
#define LUMOS_TRY(expression)                                                   \
  __extension__({                                                               \
    auto lumos_result = (expression);                                           \
    if (!lumos_result) return std::unexpected(std::move(lumos_result).error()); \
    *std::move(lumos_result);                                                   \
  })
