// A function.json of any bytes is a function that can be asked something, or an Error that names the file.
#include "tests/fuzz/target.h"
#include "workload/function_catalogue.h"

void run_target(std::string_view text) {
  const auto function = lumos::parse_function(text, "fuzz.json");
  if (!function) {
    LUMOS_CHECK(function.error().code == lumos::ErrorCode::kUsage);
    LUMOS_CHECK(function.error().message.starts_with("fuzz.json:"));
    return;
  }
  const nlohmann::ordered_json payload =
      function->payload ? nlohmann::ordered_json(function->payload->default_value) : nlohmann::ordered_json(nullptr);
  if (const auto body = lumos::request_body(*function, payload)) LUMOS_CHECK(nlohmann::json::accept(*body));
  if (const auto digest = lumos::expected_digest(*function, payload)) LUMOS_CHECK(!digest->empty());
}
