// From the bytes of a body to the fields of a request. Whatever is missing, unknown, repeated or of another type is
// refused.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/answer.h"

namespace sdk {

/// One JSON object and nothing else, no key of it twice.
inline std::expected<Json, Failure> parse_object(std::string_view body) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  std::string repeated;
  const auto look = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      repeated = value.get<std::string>();
    return true;
  };
  Json value = Json::parse(body, look, /*allow_exceptions=*/false);
  if (value.is_discarded()) return bad_request("the request is not valid JSON");
  if (!value.is_object()) return bad_request("the request must be a JSON object");
  if (!repeated.empty()) return bad_request("the field '" + repeated + "' stands twice");
  return value;
}

/// Reads the fields of a request one by one. The first that is wrong stays; ask for it when all have been read.
///
///     sdk::Fields fields(request);
///     const std::int64_t n = fields.integer("n", 0, 1'000'000);
///     if (const auto failure = fields.failure()) return std::unexpected(*failure);
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  /// A whole number from `min` to `max`; `min` when it is none.
  std::int64_t integer(const std::string& name, std::int64_t min, std::int64_t max) {
    const Json* value = find(name);
    if (value == nullptr) return min;
    const bool fits = value->is_number_integer() &&
                      (!value->is_number_unsigned() ||
                       value->get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    const std::int64_t number = fits ? value->get<std::int64_t>() : 0;
    if (fits && number >= min && number <= max) return number;
    refuse(name + " must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
    return min;
  }

  /// A text; "" when it is none.
  std::string text(const std::string& name) {
    const Json* value = find(name);
    if (value == nullptr) return "";
    if (value->is_string()) return value->get<std::string>();
    refuse(name + " must be a text");
    return "";
  }

  /// What was wrong first; a field that nobody asked for, too.
  std::optional<Failure> failure() const {
    if (failure_) return failure_;
    for (const auto& [name, value] : object_.items()) {
      if (!asked_.contains(name)) return Failure{400, "unknown field '" + name + "'"};
    }
    return std::nullopt;
  }

 private:
  const Json* find(const std::string& name) {
    asked_.insert(name);
    const auto found = object_.find(name);
    if (found != object_.end()) return &*found;
    refuse("missing field '" + name + "'");
    return nullptr;
  }

  void refuse(std::string message) {
    if (!failure_) failure_ = Failure{400, std::move(message)};
  }

  const Json& object_;
  std::set<std::string> asked_;
  std::optional<Failure> failure_;
};

}  // namespace sdk
