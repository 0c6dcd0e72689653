#include "control/contract/bad_requests.h"

#include <format>

namespace lumos {
namespace {

using Json = nlohmann::ordered_json;

BadRequest with_body(const Input& input, const std::string& what, std::string_view body) {
  return {.what = what + " in " + input.format, .bytes = post_request(input.content_type, body)};
}

// The right request as JSON; its inputs are in JSON first.
Json parsed(std::span<const Input* const> inputs) { return Json::parse(inputs[0]->body, nullptr, false); }

}  // namespace

std::string post_request(std::string_view content_type, std::string_view body) {
  return std::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", content_type,
                     body.size(), body);
}

std::vector<BadRequest> empty_requests(std::span<const Input* const> inputs) {
  std::vector<BadRequest> bad;
  for (const Input* input : inputs) {
    if (input->format != "protobuf") bad.push_back(with_body(*input, "an empty body", ""));
  }
  bad.push_back({.what = "a request without body or length", .bytes = "POST / HTTP/1.1\r\nHost: x\r\n\r\n"});
  return bad;
}

std::vector<BadRequest> truncated_requests(std::span<const Input* const> inputs) {
  std::vector<BadRequest> bad;
  for (const Input* input : inputs) {
    const std::string_view body = input->body;
    if (body.empty()) continue;
    bad.push_back(with_body(*input, "a body without its last byte", body.substr(0, body.size() - 1)));
    if (input->format != "protobuf") bad.push_back(with_body(*input, "half a body", body.substr(0, body.size() / 2)));
  }
  const std::string whole = post_request(inputs[0]->content_type, inputs[0]->body);
  for (const std::size_t end : {whole.size() - 1, whole.find("\r\n\r\n"), std::size_t{10}}) {
    bad.push_back({.what = std::format("a connection that ends after {} bytes of {}", end, whole.size()),
                   .bytes = whole.substr(0, end),
                   .closes = true,
                   .cut = true});
  }
  return bad;
}

std::vector<BadRequest> wrong_types(std::span<const Input* const> inputs) {
  std::vector<BadRequest> bad;
  for (const char* body : {"[]", "1", "null", "\"text\"", "{]", R"({"no such field":1})"})
    bad.push_back(with_body(*inputs[0], body, body));
  Json request = parsed(inputs);
  for (auto& [name, value] : request.items()) {
    Json other = request;
    other[name] = !value.is_boolean() ? Json(true) : Json("text");
    bad.push_back(with_body(*inputs[0], std::format("{} of another type", name), other.dump()));
  }
  const std::string twice = std::string(inputs[0]->body) + inputs[0]->body;
  bad.push_back(with_body(*inputs[0], "two values", twice));
  for (const Input* input : inputs) {
    if (input->format == "cbor") {
      bad.push_back(with_body(*input, "a list", "\x80"));
      bad.push_back(with_body(*input, "bytes after the map", input->body + "\x01"));
      bad.push_back(with_body(*input, "an unknown field", "\xa1\x61z\x01"));
    }
    if (input->format == "protobuf")
      bad.push_back(with_body(*input, "no message", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
  }
  return bad;
}

std::vector<BadRequest> missing_keys(std::span<const Input* const> inputs, bool takes_key) {
  std::vector<BadRequest> bad;
  if (!parsed(inputs).empty()) bad.push_back(with_body(*inputs[0], "no field at all", "{}"));
  if (!takes_key) return bad;
  Json request = parsed(inputs);
  for (const char* field : {"object", "output"}) request.erase(field);
  request["input"] = "no-such-object";
  bad.push_back(with_body(*inputs[0], "a key without the other", request.dump()));
  request["output"] = "result";
  bad.push_back(with_body(*inputs[0], "the key of an object that is not there", request.dump()));
  bad.back().status = 502;
  for (const char* key : {"", "../secret", "/etc/passwd", "a//b"}) {
    request["input"] = key;
    bad.push_back(with_body(*inputs[0], std::format("the key '{}'", key), request.dump()));
  }
  return bad;
}

std::vector<BadRequest> huge_requests() {
  const auto announced = [](const std::string& length) {
    return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n";
  };
  return {{.what = "64 MiB and a byte", .bytes = announced("67108865"), .status = 413, .closes = true},
          {.what = "10^39 bytes", .bytes = announced("1" + std::string(39, '0')), .status = 413, .closes = true},
          {.what = "a head of 20 KiB",
           .bytes = "POST / HTTP/1.1\r\nA: " + std::string(20 << 10, 'x') + "\r\n\r\n",
           .status = 431,
           .closes = true}};
}

std::vector<BadRequest> wrong_methods() {
  const auto request = [](std::string_view line) { return std::format("{} HTTP/1.1\r\nHost: x\r\n\r\n", line); };
  return {{.what = "GET /", .bytes = request("GET /"), .status = 405, .allow = "POST"},
          {.what = "DELETE /", .bytes = request("DELETE /"), .status = 405, .allow = "POST"},
          {.what = "POST /healthz", .bytes = request("POST /healthz"), .status = 405, .allow = "GET"},
          {.what = "GET /nothing", .bytes = request("GET /nothing"), .status = 404}};
}

std::vector<BadRequest> smuggled_requests(const Input& input) {
  const std::string& body = input.body;
  const std::string length = std::to_string(body.size()), right = post_request(input.content_type, body);
  struct Shape {
    const char* what;
    std::string fields;
    int status = 400;
  };
  const Shape shapes[] = {
      {"two lengths", "Content-Length: " + length + "\r\nContent-Length: 1\r\n"},
      {"the same length twice", "Content-Length: " + length + "\r\nContent-Length: " + length + "\r\n"},
      {"length and coding", "Content-Length: " + length + "\r\nTransfer-Encoding: chunked\r\n"},
      {"a coding alone", "Transfer-Encoding: chunked\r\n", 411},
      {"a coding in capitals", "TRANSFER-ENCODING: CHUNKED\r\n", 411},
      {"a list of lengths", "Content-Length: " + length + ", " + length + "\r\n"},
      {"a signed length", "Content-Length: +" + length + "\r\n"},
      {"a hexadecimal length", "Content-Length: 0x" + length + "\r\n"},
      {"a blank before the colon", "Content-Length : " + length + "\r\n"},
      {"a folded field", "A: b\r\n Content-Length: " + length + "\r\n"},
      {"a line that ends without CR", "A: b\nContent-Length: " + length + "\r\n"},
      {"a zero byte", std::string("A: b\0c\r\n", 8) + "Content-Length: " + length + "\r\n"},
  };
  std::vector<BadRequest> bad;
  for (const auto& [what, fields, status] : shapes) {
    bad.push_back({.what = what,
                   .bytes = "POST / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" + body + right,
                   .status = status,
                   .closes = true});
  }
  return bad;
}

}  // namespace lumos
