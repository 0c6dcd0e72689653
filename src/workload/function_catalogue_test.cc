#include "workload/function_catalogue.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

constexpr std::string_view kFibonacci = R"({"schema":1,"name":"fibonacci","description":"d","kind":"compute",
  "payload":{"field":"n","type":"integer","min":0,"max":1000,"default":10},
  "expected":[{"payload":10,"digest":"aa"},{"payload":20,"digest":"bb"}]})";
constexpr std::string_view kNoop = R"({"schema":1,"name":"noop","description":"d","kind":"small","payload":null,
  "expected":[{"payload":null,"digest":"cc"}]})";

std::string refused(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  const auto function = parse_function(text, "function.json");
  return function ? "accepted" : function.error().message;
}

TEST(FunctionCatalogue, ReadsEveryFunctionByName) {
  const TemporaryFolder folder;
  for (const char* name : {"noop", "fibonacci", "shared"}) std::filesystem::create_directory(folder / name);
  ASSERT_TRUE(write_file(folder / "noop/function.json", kNoop).has_value());
  ASSERT_TRUE(write_file(folder / "fibonacci/function.json", kFibonacci).has_value());
  ASSERT_TRUE(write_file(folder / "Cargo.toml", "").has_value());
  const auto catalogue = FunctionCatalogue::load(folder.path());
  ASSERT_TRUE(catalogue.has_value()) << catalogue.error().message;
  EXPECT_EQ(catalogue->names(), (std::vector<std::string>{"fibonacci", "noop"}));
  EXPECT_EQ(catalogue->find("fibonacci")->payload->default_value, 10);
  EXPECT_FALSE(catalogue->find("noop")->payload.has_value());
  EXPECT_EQ(catalogue->find("teapot"), nullptr);
}

TEST(FunctionCatalogue, MakesTheRequestAndKnowsTheAnswer) {
  const Function fibonacci = *parse_function(kFibonacci, "f");
  const Function noop = *parse_function(kNoop, "f");
  EXPECT_EQ(request_body(fibonacci, 20), R"({"n":20})");
  EXPECT_EQ(expected_digest(fibonacci, 20), "bb");
  EXPECT_EQ(expected_digest(fibonacci, 21), std::nullopt);
  EXPECT_EQ(request_body(noop, nullptr), "{}");
  EXPECT_EQ(expected_digest(noop, nullptr), "cc");
}

TEST(FunctionCatalogue, WritesOneFieldInEveryFormatWhereItKnowsItsNumber) {
  std::string text(kFibonacci);
  text.replace(text.find("\"min\""), 5, "\"protobuf_field\":2,\"min\"");
  const Function fibonacci = *parse_function(text, "f");
  EXPECT_EQ(request_body(fibonacci, 20, "cbor"), "\xa1\x61n\x14");
  EXPECT_EQ(request_body(fibonacci, 1000, "cbor"), "\xa1\x61n\x19\x03\xe8");
  EXPECT_EQ(request_body(fibonacci, 20, "protobuf"), "\x10\x14");
  EXPECT_EQ(request_body(fibonacci, 300, "protobuf"), "\x10\xac\x02");
  EXPECT_EQ(request_body(fibonacci, 0, "protobuf"), "") << "a default is left out";
  EXPECT_EQ(request_body(*parse_function(kFibonacci, "f"), 20, "cbor"), std::nullopt);
}

TEST(FunctionCatalogue, KnowsTheFormatsThatAFunctionReads) {
  EXPECT_TRUE(parse_function(kFibonacci, "f")->reads("protobuf"));
  std::string text(kFibonacci);
  text.replace(text.find("\"kind\""), 6, "\"formats\":[\"cbor\",\"json\"],\"kind\"");
  const Function function = *parse_function(text, "f");
  EXPECT_EQ(function.formats, (std::vector<std::string>{"json", "cbor"}));
  EXPECT_FALSE(function.reads("protobuf"));
}

TEST(FunctionCatalogue, KnowsWhoseRequestIsMoreThanItsPayload) {
  const Function data = *parse_function(
      R"({"schema":1,"name":"zip","description":"d","kind":"data","paper":true,"stored":true,"small":1,
          "payload":{"field":null,"type":"integer","min":1,"max":9,"default":2,"unit":"KiB"},"request":{"object":"any"}})",
      "f");
  EXPECT_TRUE(data.paper && data.stored && data.asks_more);
  EXPECT_EQ(data.payload->unit, "KiB");
  EXPECT_EQ(data.small, 1);
  EXPECT_EQ(request_body(data, 2), std::nullopt);
  const Function token = *parse_function(
      R"({"schema":1,"name":"t","description":"d","kind":"small","payload":null,"request":{"token":"text"}})", "f");
  EXPECT_EQ(request_body(token, nullptr), std::nullopt);
  EXPECT_FALSE(token.stored);
}

TEST(FunctionCatalogue, NamesTheFolderWithoutFunctions) {
  const TemporaryFolder folder;
  const auto empty = FunctionCatalogue::load(folder.path());
  EXPECT_EQ(empty.error(), (Error{ErrorCode::kEnvironment, folder.path().string() + ": holds no */function.json"}));
  EXPECT_EQ(FunctionCatalogue::load(folder / "none").error().code, ErrorCode::kEnvironment);
}

TEST(FunctionCatalogue, AFunctionIsCalledAsItsFolder) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a");
  ASSERT_TRUE(write_file(folder / "a/function.json", kNoop).has_value());
  const std::string file = (folder / "a/function.json").string();
  EXPECT_EQ(FunctionCatalogue::load(folder.path()).error().message,
            file + ": 'name' must be that of its folder, not 'noop'");
}

TEST(FunctionCatalogue, RefusesWhatItDoesNotUnderstandAndSaysWhere) {
  const std::string fibonacci(kFibonacci);
  EXPECT_EQ(refused(fibonacci, "1,", "2,"), "function.json: 'schema' must be 1");
  EXPECT_EQ(refused(fibonacci, "\"fibonacci\"", "7"), "function.json: 'name' must be a text that is not empty");
  EXPECT_EQ(refused(fibonacci, "compute", "magic"), "function.json: 'kind' must be compute, data or small");
  EXPECT_EQ(refused(fibonacci, "integer", "float"), "function.json: 'payload.type' must be \"integer\"");
  EXPECT_EQ(refused(fibonacci, "1000", "1e99"), "function.json: 'payload.max' must be a 64-bit integer");
  EXPECT_EQ(refused(fibonacci, "1000", "-1e999"), "function.json: a number in it is too large");
  EXPECT_EQ(refused(fibonacci, "1000", "18446744073709551615"),
            "function.json: 'payload.max' must be a 64-bit integer");
  EXPECT_EQ(refused(fibonacci, "1000", "9"), "function.json: 'payload.default' must be from min to max");
  EXPECT_EQ(refused(fibonacci, "\"bb\"", "null"),
            "function.json: 'expected[1].digest' must be a text that is not empty");
  EXPECT_EQ(refused(fibonacci, "20", "\"x\""), "function.json: 'expected[1].payload' must be an integer or null");
  EXPECT_EQ(refused(fibonacci, "{\"payload\":10,\"digest\":\"aa\"}", "5"),
            "function.json: 'expected' must be a list of objects");
  EXPECT_EQ(refused(fibonacci, "\"field\"", "field"), "function.json:2:15: not valid JSON");
  EXPECT_EQ(refused(fibonacci, "\"expected\"", "\"stored\":1,\"expected\""),
            "function.json: 'stored' must be true or false");
  EXPECT_EQ(refused(fibonacci, "\"expected\"", "\"small\":\"x\",\"expected\""),
            "function.json: 'small' must be an integer or null");
  EXPECT_EQ(refused(fibonacci, "\"expected\"", "\"request\":1,\"expected\""),
            "function.json: 'request' must be an object");
  EXPECT_EQ(refused(fibonacci, "\"expected\"", "\"formats\":[\"cbor\"],\"expected\""),
            "function.json: 'formats' must be a list of some of json, cbor, protobuf; json is one of them");
  EXPECT_EQ(refused(fibonacci, "\"default\"", "\"protobuf_field\":16,\"default\""),
            "function.json: 'payload.protobuf_field' must be a number from 1 to 15");
  EXPECT_EQ(refused(fibonacci, fibonacci, "[]"), "function.json: must hold a JSON object");
  EXPECT_EQ(refused(fibonacci, fibonacci, ""), "function.json:1:1: not valid JSON");
}

}  // namespace
}  // namespace lumos
