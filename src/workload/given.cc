#include "workload/given.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "workload/image_reference.h"
#include "workload/wasm_imports.h"
#include "workload/yaml_read.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr std::int64_t kSmallestPort = 1024;  // an instance has no capability to listen below
constexpr std::size_t kMostOfBody = 64 << 20;

// --- what goes into the head of a request

bool is_visible(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || kMarks.contains(static_cast<char>(c));
  });
}

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; });
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Expected<std::string> read_path(const YamlNode& node, std::string_view what) {
  std::string path = LUMOS_TRY(read_text(node, what));
  if (path.starts_with('/') && is_visible(path)) return path;
  return fail_at(node.mark, "{} must be a path such as /healthz, not {}", what, found(node));
}

// --- its parts

// "oci:DIR" or "oci:DIR:TAG"; else the name of an image in a registry.
Expected<> read_image(const YamlNode& node, Given& given) {
  const std::string text = LUMOS_TRY(read_text(node, "'image'"));
  constexpr std::string_view kLayout = "oci:";
  if (text == kLayout) return fail_at(node.mark, "'image' must name a folder with an OCI layout, such as oci:./shop");
  if (!text.starts_with(kLayout)) {
    const auto reference = parse_image_reference(text);
    if (!reference) {
      return fail_at(node.mark, "'image' {}; an OCI layout in a folder is oci:DIR, not {}", reference.error().message,
                     found(node));
    }
    given.reference = reference->text();
    return {};
  }
  std::string rest = text.substr(kLayout.size());
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string::npos && colon > 0 && rest.find('/', colon) == std::string::npos) {
    given.tag = rest.substr(colon + 1);
    rest.resize(colon);
  }
  given.image = rest;
  return {};
}

// {method: POST, path: /, headers: {A: b}, body: "text" or "@FILE"}
Expected<> read_request(const YamlNode& node, GivenFunction& function) {
  static const Words kKeys{"method", "path", "headers", "body"};
  static const Words kMethods{"GET", "POST", "PUT", "PATCH", "DELETE"};
  // What frames the request is Lumos's to say.
  static const Words kOurs{"host", "connection", "content-length", "transfer-encoding", "expect", "upgrade", "te"};
  LUMOS_TRY(check_map(node, "'request'", kKeys));
  for (const auto& [key, value] : node.entries) {
    if (key.scalar != "body") function.of_servers.emplace_back("request." + key.scalar, key.mark);
  }
  Given& given = function.given;
  if (const auto* method = node.find("method")) given.method = LUMOS_TRY(read_word(*method, "method", kMethods));
  if (const auto* path = node.find("path")) given.target = LUMOS_TRY(read_path(*path, "'request.path'"));
  if (const auto* body = node.find("body")) {
    function.body = LUMOS_TRY(read_text(*body, "'request.body'"));
    function.body_at = body->mark;
    if (function.body.starts_with('@')) function.body_file = std::exchange(function.body, "").substr(1);
  }
  const YamlNode* headers = node.find("headers");
  if (headers == nullptr) return {};
  if (headers->kind != YamlNode::Kind::kMap)
    return fail_at(headers->mark, "'request.headers' must be a map such as {{Accept: text/html}}, not {}",
                   found(*headers));
  for (const auto& [key, value] : headers->entries) {
    const std::string name = lower(key.scalar);
    if (!is_token(name)) return fail_at(key.mark, "{} is no name of a header", found(key));
    if (std::ranges::contains(kOurs, name) || name.starts_with("lumos-"))
      return fail_at(key.mark, "the header '{}' is written by Lumos itself", key.scalar);
    const std::string text = LUMOS_TRY(read_text(value, "the header '" + key.scalar + "'"));
    if (!is_field_value(text)) return fail_at(value.mark, "{} is no value of a header", found(value));
    if (name == "content-type")
      function.content_type = text;
    else
      given.headers.emplace_back(key.scalar, text);
  }
  return {};
}

// {NAME: value}
Expected<std::vector<std::string>> read_environment(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kMap)
    return fail_at(node.mark, "'env' must be a map such as {{LOG_LEVEL: warn}}, not {}", found(node));
  std::vector<std::string> environment;
  for (const auto& [key, value] : node.entries) {
    const bool name =
        !key.scalar.empty() && std::isdigit(static_cast<unsigned char>(key.scalar[0])) == 0 &&
        std::ranges::all_of(key.scalar, [](unsigned char c) { return c == '_' || (c < 0x80 && std::isalnum(c) != 0); });
    if (!name) return fail_at(key.mark, "{} is no name of a variable", found(key));
    if (key.scalar == "PORT" || key.scalar.starts_with("LUMOS_"))
      return fail_at(key.mark, "the variable '{}' is set by Lumos itself ('port' sets PORT)", key.scalar);
    const std::string text = LUMOS_TRY(read_text(value, "'env." + key.scalar + "'"));
    if (text.contains('\0')) return fail_at(value.mark, "'env.{}' holds a zero byte", key.scalar);
    environment.push_back(key.scalar + "=" + text);
  }
  return environment;
}

// {status: 200, digest: …}
Expected<> read_expect(const YamlNode& node, GivenFunction& function) {
  static const Words kKeys{"status", "digest"};
  LUMOS_TRY(check_map(node, "'expect'", kKeys));
  if (const auto* status = node.find("status"))
    function.given.status = static_cast<int>(LUMOS_TRY(read_integer(*status, "'expect.status'", 200, 599)));
  const YamlNode* digest = node.find("digest");
  if (digest == nullptr) return {};
  const std::string text = LUMOS_TRY(read_text(*digest, "'expect.digest'"));
  function.given.varies = text == "varies";
  if (function.given.varies) return {};
  const bool hexadecimal = text.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hexadecimal || (text.size() != 64 && text.size() != 16)) {
    return fail_at(digest->mark,
                   "'expect.digest' must be the body's SHA-256 (64 digits, as sha256sum prints), a Lumos-Digest (16), "
                   "or 'varies', not {}",
                   found(*digest));
  }
  function.digest = text;
  return {};
}

}  // namespace

bool is_given(const YamlNode& entry) {
  return entry.kind == YamlNode::Kind::kMap && (entry.find("image") != nullptr || entry.find("wasm") != nullptr);
}

Expected<GivenFunction> read_given(const YamlNode& entry, const std::string& name) {
  static const Words kKeys{"name", "image", "wasm", "port", "request", "ready", "env", "expect"};
  LUMOS_TRY(check_map(entry, "a function that is there already", kKeys));
  const YamlNode *image = entry.find("image"), *module = entry.find("wasm");
  if (image != nullptr && module != nullptr)
    return fail_at(module->mark, "function '{}' is an image or a module, not both: give each a function of its own",
                   name);
  GivenFunction function;
  Given& given = function.given;
  if (image != nullptr) LUMOS_TRY(read_image(*image, given));
  if (module != nullptr) given.module = LUMOS_TRY(read_text(*module, "'wasm'"));
  function.source = (image != nullptr ? image : module)->mark;
  if (module != nullptr && given.module.empty()) return fail_at(function.source, "'wasm' must name a file");
  for (const auto& [key, value] : entry.entries) {
    if (key.scalar == "port" || key.scalar == "ready") function.of_servers.emplace_back(key.scalar, key.mark);
  }
  if (const auto* port = entry.find("port"))
    given.port = static_cast<int>(LUMOS_TRY(read_integer(*port, "'port'", kSmallestPort, 65535)));
  if (const auto* ready = entry.find("ready")) given.ready = LUMOS_TRY(read_path(*ready, "'ready'"));
  if (const auto* request = entry.find("request")) LUMOS_TRY(read_request(*request, function));
  if (const auto* env = entry.find("env")) given.environment = LUMOS_TRY(read_environment(*env));
  if (const auto* expect = entry.find("expect")) LUMOS_TRY(read_expect(*expect, function));
  return function;
}

Expected<> read_files(GivenFunction& function, const fs::path& folder) {
  Given& given = function.given;
  std::error_code error;
  const auto absolute = [&](const fs::path& path) { return fs::absolute(folder / path, error).lexically_normal(); };
  if (!given.reference.empty()) {
    // Whether the registry has it is asked when it is pulled.
  } else if (given.is_image()) {
    given.image = absolute(given.image);
    if (!fs::is_regular_file(given.image / "index.json", error))
      return fail_at(function.source, "{}: not a folder with an OCI layout (it has no index.json)",
                     given.image.string());
  } else {
    given.module = absolute(given.module);
    const auto content = read_file(given.module, 256 << 20);
    if (!content) return fail_at(function.source, "{}", content.error().message);
    const auto imports = wasm_imports(*content);
    if (!imports) return fail_at(function.source, "{}: {}", given.module.string(), imports.error().message);
    given.command = !listens(*imports);
    if (given.command && !function.of_servers.empty()) {
      const auto& [key, mark] = function.of_servers.front();
      return fail_at(
          mark,
          "'{}' is for servers, and {} is a command of WASI (it imports no sock_listen): of a request it gets "
          "the body, as its input",
          key, given.module.string());
    }
  }
  if (function.body_file.empty()) return {};
  auto body = read_file(absolute(function.body_file), kMostOfBody);
  if (!body) return fail_at(function.body_at, "{}", body.error().message);
  function.body = *std::move(body);
  return {};
}

}  // namespace lumos
