#include "workload/function_catalogue.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/file.h"
#include "record/json.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// A JSON object whose fields are read with checks: a wrong type is an Error that names the field, never an exception.
class Fields {
 public:
  Fields(const Json& object, std::string file_name, std::string path = "")
      : object_(object), file_name_(std::move(file_name)), path_(std::move(path)) {}

  const Json& at(const char* key) const {
    static const Json kNull;
    const auto it = object_.find(key);
    return it == object_.end() ? kNull : *it;
  }

  Expected<std::string> text(const char* key) const {
    if (const auto* value = at(key).get_ptr<const std::string*>(); value != nullptr && !value->empty()) return *value;
    return wrong(key, "a text that is not empty");
  }

  // Missing and null are the same.
  Expected<std::string> text_or_none(const char* key) const {
    if (at(key).is_null()) return std::string();
    return text(key);
  }

  Expected<bool> flag(const char* key) const {
    const Json& value = at(key);
    if (value.is_null() || value.is_boolean()) return value.is_boolean() && value.get<bool>();
    return wrong(key, "true or false");
  }

  Expected<std::int64_t> integer(const char* key) const {
    if (const Json& value = at(key); is_integer(value)) return value.get<std::int64_t>();
    return wrong(key, "a 64-bit integer");
  }

  std::unexpected<Error> wrong(const char* key, const char* expected) const {
    return fail(ErrorCode::kUsage, "{}: '{}{}' must be {}", file_name_, path_, key, expected);
  }

 private:
  const Json& object_;
  std::string file_name_;
  std::string path_;
};

Expected<Json> parse_object(std::string_view text, const std::string& file_name) {
  try {
    Json value = Json::parse(text);
    if (value.is_object()) return value;
    return fail(ErrorCode::kUsage, "{}: must hold a JSON object", file_name);
  } catch (const nlohmann::json::parse_error& error) {
    const std::string_view before = text.substr(0, std::min(error.byte, text.size()));
    const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return fail(ErrorCode::kUsage, "{}:{}:{}: not valid JSON", file_name, std::ranges::count(before, '\n') + 1,
                std::max<std::size_t>(before.size() - start, 1));
  } catch (const nlohmann::json::out_of_range&) {
    return fail(ErrorCode::kUsage, "{}: a number in it is too large", file_name);
  }
}

Expected<std::optional<PayloadSchema>> parse_payload(const Fields& function, const std::string& file_name) {
  const Json& value = function.at("payload");
  if (value.is_null()) return std::nullopt;
  if (!value.is_object()) return function.wrong("payload", "null or an object");
  const Fields fields(value, file_name, "payload.");
  if (fields.at("type") != "integer") return fields.wrong("type", "\"integer\"");
  PayloadSchema schema;
  schema.field = LUMOS_TRY(fields.text_or_none("field"));
  schema.unit = LUMOS_TRY(fields.text_or_none("unit"));
  schema.min = LUMOS_TRY(fields.integer("min"));
  schema.max = LUMOS_TRY(fields.integer("max"));
  schema.default_value = LUMOS_TRY(fields.integer("default"));
  if (schema.default_value < schema.min || schema.default_value > schema.max)
    return fields.wrong("default", "from min to max");
  if (fields.at("protobuf_field").is_null()) return schema;
  const std::int64_t number = LUMOS_TRY(fields.integer("protobuf_field"));
  if (number < 1 || number > 15) return fields.wrong("protobuf_field", "a number from 1 to 15");
  if (schema.min < 0) return fields.wrong("protobuf_field", "left out where min is negative");
  schema.protobuf_field = static_cast<int>(number);
  return schema;
}

Expected<std::vector<std::string>> parse_formats(const Fields& function) {
  constexpr const char* kWhat = "a list of some of json, cbor, protobuf; json is one of them";
  const Json& list = function.at("formats");
  std::vector<std::string> formats{std::begin(kFormats), std::end(kFormats)};
  if (list.is_null()) return formats;
  if (!list.is_array() || !std::ranges::contains(list, Json("json"))) return function.wrong("formats", kWhat);
  for (const auto& word : list) {
    if (!word.is_string() || !std::ranges::contains(kFormats, word.get<std::string>()))
      return function.wrong("formats", kWhat);
  }
  std::erase_if(formats, [&](const std::string& format) { return !std::ranges::contains(list, Json(format)); });
  return formats;
}

// One field of Protobuf's kind varint (a number of seven bits a byte, the lowest first); nothing where it has its
// default.
std::string varint_field(int number, std::uint64_t value) {
  std::string bytes;
  if (value == 0) return bytes;
  bytes += static_cast<char>(number << 3);
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

Expected<std::vector<Function::Answer>> parse_expected(const Fields& function, const std::string& file_name) {
  const Json& list = function.at("expected");
  std::vector<Function::Answer> answers;
  if (list.is_null()) return answers;
  if (!list.is_array()) return function.wrong("expected", "a list");
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_object()) return function.wrong("expected", "a list of objects");
    const Fields fields(list[i], file_name, std::format("expected[{}].", i));
    const Json& payload = fields.at("payload");
    if (!payload.is_null() && !payload.is_number_integer()) return fields.wrong("payload", "an integer or null");
    std::string digest = LUMOS_TRY(fields.text("digest"));
    answers.push_back({payload, std::move(digest)});
  }
  return answers;
}

}  // namespace

Expected<Function> parse_function(std::string_view text, const std::string& file_name) {
  const Json object = LUMOS_TRY(parse_object(text, file_name));
  const Fields fields(object, file_name);
  if (fields.at("schema") != 1) return fields.wrong("schema", "1");
  Function function;
  function.name = LUMOS_TRY(fields.text("name"));
  function.description = LUMOS_TRY(fields.text("description"));
  function.kind = LUMOS_TRY(fields.text("kind"));
  function.payload = LUMOS_TRY(parse_payload(fields, file_name));
  function.expected = LUMOS_TRY(parse_expected(fields, file_name));
  function.paper = LUMOS_TRY(fields.flag("paper"));
  function.stored = LUMOS_TRY(fields.flag("stored"));
  function.formats = LUMOS_TRY(parse_formats(fields));
  const Json& request = fields.at("request");
  if (!request.is_null() && !request.is_object()) return fields.wrong("request", "an object");
  function.asks_more = !request.empty() && (!function.payload || function.payload->field.empty());
  function.small = fields.at("small");
  if (!function.small.is_null() && !function.small.is_number_integer())
    return fields.wrong("small", "an integer or null");
  static constexpr std::array<std::string_view, 3> kKinds{"compute", "data", "small"};
  if (!std::ranges::contains(kKinds, function.kind)) return fields.wrong("kind", "compute, data or small");
  return function;
}

FunctionCatalogue::FunctionCatalogue(std::vector<Function> functions) : functions_(std::move(functions)) {
  std::ranges::sort(functions_, {}, &Function::name);
}

Expected<FunctionCatalogue> FunctionCatalogue::load(const fs::path& folder) {
  std::set<fs::path> files;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::end(it); it.increment(error)) {
    std::error_code ignored;
    if (const fs::path file = it->path() / "function.json"; fs::exists(file, ignored)) files.insert(file);
  }
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  if (files.empty()) return fail(ErrorCode::kEnvironment, "{}: holds no */function.json", folder.string());

  std::vector<Function> functions;
  for (const auto& file : files) {
    const std::string text = LUMOS_TRY(read_file(file, 1 << 20));
    Function function = LUMOS_TRY(parse_function(text, file.string()));
    if (function.name != file.parent_path().filename().string()) {
      return fail(ErrorCode::kUsage, "{}: 'name' must be that of its folder, not '{}'", file.string(), function.name);
    }
    functions.push_back(std::move(function));
  }
  return FunctionCatalogue(std::move(functions));
}

std::vector<std::string> FunctionCatalogue::names() const {
  std::vector<std::string> names;
  for (const auto& function : functions_) names.push_back(function.name);
  return names;
}

const Function* FunctionCatalogue::find(std::string_view name) const {
  const auto it = std::ranges::find(functions_, name, &Function::name);
  return it == functions_.end() ? nullptr : &*it;
}

bool Function::reads(std::string_view format) const { return std::ranges::contains(formats, format); }

std::optional<std::string> request_body(const Function& function, const Json& payload, std::string_view format) {
  if (function.asks_more) return std::nullopt;
  Json request = Json::object();
  if (function.payload) request[function.payload->field] = payload;
  if (format == "json") return request.dump();
  if (!function.payload || function.payload->protobuf_field == 0) return std::nullopt;
  if (format == "protobuf") return varint_field(function.payload->protobuf_field, payload.get<std::uint64_t>());
  std::string bytes;
  Json::to_cbor(request, bytes);
  return bytes;
}

std::optional<std::string> expected_digest(const Function& function, const Json& payload) {
  const auto it = std::ranges::find(function.expected, payload, &Function::Answer::payload);
  return it == function.expected.end() ? std::nullopt : std::optional(it->digest);
}

}  // namespace lumos
