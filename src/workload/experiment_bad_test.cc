// Every way to get an experiment wrong that we thought of, with the whole message: it is what the user works with.
#include <gtest/gtest.h>

#include <chrono>

#include "workload/example_names.h"
#include "workload/experiment.h"

namespace lumos {
namespace {

struct BadFile {
  const char* name;
  std::string text;
  const char* message;
};

void PrintTo(const BadFile& file, std::ostream* out) { *out << file.name; }

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

// One key per line, each nested in the one above.
std::string deep_block(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  return text;
}

std::string billion_laughs() {
  std::string text = "a: &a [lol, lol]\n";
  for (char c = 'b'; c < 'j'; ++c) text += std::format("{}: &{} [*{}, *{}]\n", c, c, char(c - 1), char(c - 1));
  return text;
}

std::string with(const std::string& line) { return "functions: [noop]\n" + line + "\n"; }

class BadExperiment : public testing::TestWithParam<BadFile> {};

TEST_P(BadExperiment, IsRefusedWithPositionAndReason) {
  const auto started = std::chrono::steady_clock::now();
  const auto result = parse_experiment(GetParam().text, "e.yaml", example_names());
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kUsage);
  EXPECT_EQ(result.error().message, GetParam().message);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5));
}

const BadFile kStructure[] = {
    {"EmptyFile", "",
     "e.yaml:1:1: the file is empty; an experiment needs at least 'functions', such as functions: [noop]"},
    {"OnlyComments", "# nothing\n\n# here\n",
     "e.yaml:1:1: the file is empty; an experiment needs at least 'functions', such as functions: [noop]"},
    {"RootIsList", "- noop\n",
     "e.yaml:1:1: the experiment must be a map (keys: name, functions, runtimes, start, cache, runtime_cache, base, "
     "isa, wasm_simd, "
     "aot_level, device, neighbour, storage, connection, format, load, links, scaling, stop, density, telemetry, "
     "seed), not a "
     "list"},
    {"RootIsScalar", "noop\n",
     "e.yaml:1:1: the experiment must be a map (keys: name, functions, runtimes, start, cache, runtime_cache, base, "
     "isa, wasm_simd, "
     "aot_level, device, neighbour, storage, connection, format, load, links, scaling, stop, density, telemetry, "
     "seed), not "
     "'noop'"},
    {"NoFunctions", "name: x\n", "e.yaml:1:1: the experiment must have 'functions', such as functions: [noop]"},
    {"MisspeltKey", "functions: [noop]\nrunntimes: [runc]\n",
     "e.yaml:2:1: unknown key 'runntimes' in the experiment (did you mean 'runtimes'?); known: name, functions, "
     "runtimes, start, cache, runtime_cache, base, isa, wasm_simd, aot_level, device, neighbour, storage, connection, "
     "format, "
     "load, links, scaling, stop, density, "
     "telemetry, seed"},
    {"UnknownKey", with("colour: red"),
     "e.yaml:2:1: unknown key 'colour' in the experiment; known: name, functions, runtimes, start, cache, "
     "runtime_cache, base, isa, "
     "wasm_simd, "
     "aot_level, device, neighbour, storage, connection, format, load, links, scaling, stop, density, telemetry, seed"},
    {"TelemetryIsWord", with("telemetry: off"),
     "e.yaml:2:12: 'telemetry' must be a map (keys: series, probes), not 'off'"},
    {"ProbesBelowZero", with("telemetry: {probes: -1}"),
     "e.yaml:2:21: 'telemetry.probes' must be from 0 to 1000, not -1"},
    {"DensityIsMap", with("density: {n: 16}"),
     "e.yaml:2:10: 'density' must be a whole number such as 200 or 1e6, not a map"},
    {"DensityTooLarge", with("density: 65"), "e.yaml:2:10: 'density' must be from 0 to 64, not 65"},
    {"SeriesIsNumber", with("telemetry: {series: 0}"), "e.yaml:2:21: unknown setting '0'; known: on, off"},
    {"DuplicateKey", with("seed: 1\nseed: 2"), "e.yaml:3:1: the key 'seed' stands twice"},
    {"DuplicateKeyInFlow", with("stop: {min: 1, min: 2}"), "e.yaml:2:16: the key 'min' stands twice"},
    {"Alias", "functions: &f [noop]\nruntimes: *f\n", "e.yaml:1:12: anchors and aliases are not allowed"},
    {"AliasToNothing", "functions: *f\n", "e.yaml:1:12: anchors and aliases are not allowed"},
    {"MergeKey", with("<<: {seed: 1}"), "e.yaml:2:1: merge keys ('<<') are not allowed"},
    {"BillionLaughs", billion_laughs(), "e.yaml:1:4: anchors and aliases are not allowed"},
    {"Tag", with("seed: !!binary aGk="), "e.yaml:2:7: the tag 'tag:yaml.org,2002:binary' is not allowed here"},
    {"LocalTag", "!experiment\nfunctions: [noop]\n", "e.yaml:1:1: the tag '!experiment' is not allowed here"},
    {"TagOfOtherKind", "functions: !!map [noop]\n", "e.yaml:1:12: the tag 'tag:yaml.org,2002:map' is not allowed here"},
    {"TwoDocuments", "functions: [noop]\n---\nfunctions: [noop]\n", "e.yaml:2:1: a second document is not allowed"},
    {"TextAfterTheEnd", "[noop] noop\n",
     "e.yaml:1:8: unexpected text after the end of the document: check the indentation"},
    {"ListAsKey", "[a, b]: noop\n",
     "e.yaml:1:1: a key must be a word, not a list or a map (or a bracket is never closed)"},
    {"NoKey", ": noop\n", "e.yaml:1:1: a key is missing before ':'"},
    {"UnterminatedQuote", "functions: [noop]\nname: \"smoke\n", "e.yaml:2:7: this quote is never closed"},
    {"UnterminatedSingleQuote", "name: 'smoke\nfunctions: [noop]\n", "e.yaml:1:7: this quote is never closed"},
    {"UnterminatedQuoteWithEscapes", "name: \"a\\\"b\\\\\n  c''", "e.yaml:1:7: this quote is never closed"},
    {"UnterminatedSingleQuoteWithEscape", "name: 'it''s", "e.yaml:1:7: this quote is never closed"},
    {"UnterminatedQuoteAfterTag", "name: !!str # \"x\"\n  'smoke\n", "e.yaml:1:7: this quote is never closed"},
    {"UnterminatedQuoteAtDocumentEnd", "name: 'smoke\n---\n", "e.yaml:2:1: a quote opened above is never closed"},
    {"UnterminatedRoot", "[noop",
     "e.yaml:1:1: a key must be a word, not a list or a map (or a bracket is never closed)"},
    {"UnterminatedList", "functions: [noop\nseed: 1\n", "e.yaml:2:5: expected ',' or ']'"},
    {"UnterminatedMap", with("stop: {min: 1"), "e.yaml:3:1: expected ',' or '}'"},
    {"WrongBracket", "functions: [noop}\n", "e.yaml:1:17: this bracket does not close an open one"},
    {"BracketThatClosesNothing", "functions: noop]\n]\n", "e.yaml:2:1: this bracket does not close an open one"},
    {"RootIndentedOnce", " name: x\nfunctions: [noop]\n",
     "e.yaml:2:1: unexpected text after the end of the document: check the indentation"},
    {"TextAfterDocumentEnd", "functions: [noop]\n...\nseed: 1\n",
     "e.yaml:3:1: unexpected text after the end of the document: check the indentation"},
    {"CommaForgotten", "functions: [{name: fibonacci payload: 3}]\n", "e.yaml:1:37: expected ',' or '}'"},
    {"CommaTooMany", "functions: [noop,,fibonacci]\n",
     "e.yaml:1:18: a function must be a map (keys: name, payload), not nothing"},
    {"KeyWithoutColon", "functions: [noop]\nseed",
     "e.yaml:2:1: 'seed' must be a whole number such as 200 or 1e6, not nothing"},
    {"TwoQuotedTexts", "functions: [noop]\nname: \"a\" \"b\"\n",
     "e.yaml:2:11: expected 'key: value' here, indented as the keys above"},
    {"WrongIndentation", "functions: [noop]\n  seed: 1\n",
     "e.yaml:2:3: expected 'key: value' here, indented as the keys above"},
    {"DeeperThenBack", "stop:\n    min: 1\n  max: 2\n",
     "e.yaml:3:3: expected 'key: value' here, indented as the keys above"},
    {"ListAmongKeys", "functions: [noop]\n- seed\n",
     "e.yaml:2:1: expected 'key: value' here, indented as the keys above"},
    {"ColonInText", "name: a: b\n",
     "e.yaml:1:8: a ':' is not allowed here: put the text in quotes, or check the indentation"},
    {"ReservedCharacter", "name: @x\n", "e.yaml:1:7: a value cannot start with this character: put it in quotes"},
    {"BadEscape", "name: \"\\q\"\n", "e.yaml:1:10: not valid YAML: unknown escape character: q"},
    {"UnpairedSurrogateEscape", "name: \"\\ud800\"\n", "e.yaml:1:14: not valid YAML: invalid unicode: 55296"},
    {"TabAsIndentation", "functions:\n\t- noop\n", "e.yaml:2:1: a tab is not allowed as indentation: use spaces"},
    {"TabAfterSpaces", "stop:\n  \tmin: 1\n", "e.yaml:2:3: a tab is not allowed as indentation: use spaces"},
    {"TooDeepInFlow", repeated("[", 10'000),
     "e.yaml:1:1: a key must be a word, not a list or a map (or a bracket is never closed)"},
    {"TooDeepInClosedFlow", repeated("[", 10'000) + repeated("]", 10'000), "e.yaml:1:17: nested more than 16 deep"},
    {"TooDeepInFlowMaps", repeated("{a: ", 10'000),
     "e.yaml:1:1: a key must be a word, not a list or a map (or a bracket is never closed)"},
    {"TooDeepInBlock", deep_block(500), "e.yaml:17:17: nested more than 16 deep"},
    {"TooDeepInBlockLists", repeated("- ", 10'000), "e.yaml:1:33: nested more than 16 deep"},
    {"TooDeepWithoutKeys", repeated(": ", 10'000), "e.yaml:1:1: a key is missing before ':'"},
    {"TooManyValues", "functions: [" + repeated("a,", 10'000) + "]\n", "e.yaml:1:20007: more than 10000 values"},
    {"TooLarge", std::string(1 << 20, 'a'), "e.yaml:1:1: 1048576 bytes are too many: at most 262144 are read"},
    {"Nul", std::string("functions: [noop]\nname: a\0b\n", 28), "e.yaml:2:8: control character 0x00 is not allowed"},
    {"ControlCharacter", "functions: [noop]\nname: \x04\n", "e.yaml:2:7: control character 0x04 is not allowed"},
    {"Delete", "name: \x7f\n", "e.yaml:1:7: control character 0x7f is not allowed"},
    {"ControlCharacterOfLatin1", "name: \xC2\x9b\n", "e.yaml:1:7: control character 0x9b is not allowed"},
    {"LoneCarriageReturn", "functions: [noop]\rseed: 1\n", "e.yaml:1:18: control character 0x0d is not allowed"},
    {"BinaryJunk", "\x89PNG\r\n\x1a\n", "e.yaml:1:1: byte 0x89 is not valid UTF-8"},
    {"InvalidUtf8", "functions: [noop]\nname: caf\xE9\n", "e.yaml:2:10: byte 0xe9 is not valid UTF-8"},
    {"OverlongUtf8", "name: \xC0\xAF\n", "e.yaml:1:7: byte 0xc0 is not valid UTF-8"},
    {"SurrogateInUtf8", "name: \xED\xA0\x80\n", "e.yaml:1:7: byte 0xed is not valid UTF-8"},
    {"Utf16", "\xFF\xFEn", "e.yaml:1:1: byte 0xff is not valid UTF-8"},
    {"ByteOrderMarkInside", "functions: [noop]\n\xEF\xBB\xBFseed: 1\n",
     "e.yaml:2:1: a byte order mark is allowed at the start only"},
};

const BadFile kFactors[] = {
    {"NameWithSpace", with("name: my run"),
     "e.yaml:2:7: 'name' must be 1 to 64 letters, digits, '-' or '_', not 'my run'"},
    {"NameTooLong", with("name: " + std::string(65, 'a')),
     "e.yaml:2:7: 'name' must be 1 to 64 letters, digits, '-' or '_', not 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'"},
    {"NameIsPath", with("name: ../../etc/passwd"),
     "e.yaml:2:7: 'name' must be 1 to 64 letters, digits, '-' or '_', not '../../etc/passwd'"},
    {"NameEmpty", with("name: \"\""),
     "e.yaml:2:7: 'name' must be 1 to 64 letters, digits, '-' or '_', not the text \"\""},
    {"NameLeftOut", "name:\nfunctions: [noop]\n", "e.yaml:1:1: 'name' must be a word, not nothing"},
    {"NameIsList", with("name: [a]"), "e.yaml:2:7: 'name' must be a word, not a list"},
    {"MisspeltFunction", "functions:\n  - {name: fibonaci}\n",
     "e.yaml:2:12: unknown function 'fibonaci' (did you mean 'fibonacci'?); known: copy, fibonacci, noop, shift"},
    {"UnknownFunction", "functions: [teapot]\n",
     "e.yaml:1:13: unknown function 'teapot'; known: copy, fibonacci, noop, shift"},
    {"FunctionWithoutName", "functions: [{payload: 1}]\n",
     "e.yaml:1:13: a function must have a 'name', such as {name: noop}"},
    {"FunctionIsList", "functions: [[noop]]\n",
     "e.yaml:1:13: a function must be a map (keys: name, payload), not a list"},
    {"FunctionNameIsMap", "functions: [{name: {a: b}}]\n",
     "e.yaml:1:20: expected a function (copy, fibonacci, noop, shift), not a map"},
    {"MisspeltFunctionKey", "functions: [{name: noop, paylod: 1}]\n",
     "e.yaml:1:26: unknown key 'paylod' in a function (did you mean 'payload'?); known: name, payload"},
    {"FunctionTwice", "functions: [noop, {name: noop}]\n",
     "e.yaml:1:19: 'functions' lists 'noop' twice: give one entry a list of payloads"},
    {"NoFunctionInList", "functions: []\n", "e.yaml:1:12: 'functions' must have at least one value, not an empty list"},
    {"FunctionsLeftOut", "functions:\nseed: 1\n", "e.yaml:1:1: 'functions' must have at least one value, not nothing"},
    {"EmptyItem", "functions: [noop, ~]\n", "e.yaml:1:19: a function must be a map (keys: name, payload), not nothing"},
    {"PayloadForNone", "functions: [{name: noop, payload: 1}]\n", "e.yaml:1:35: function 'noop' takes no payload"},
    {"PayloadIsText", "functions: [{name: fibonacci, payload: [1, two]}]\n",
     "e.yaml:1:44: 'payload' of function 'fibonacci' must be a whole number such as 200 or 1e6, not 'two'"},
    {"PayloadIsQuoted", "functions: [{name: fibonacci, payload: \"1\"}]\n",
     "e.yaml:1:40: 'payload' of function 'fibonacci' must be a whole number such as 200 or 1e6, not the text \"1\""},
    {"PayloadIsMap", "functions: [{name: fibonacci, payload: {n: 1}}]\n",
     "e.yaml:1:40: 'payload' of function 'fibonacci' must be a whole number such as 200 or 1e6, not a map"},
    {"PayloadTooLarge", "functions: [{name: fibonacci, payload: 1000000001}]\n",
     "e.yaml:1:40: 'payload' of function 'fibonacci' must be from 0 to 1000000000, not 1000000001"},
    {"PayloadNegative", "functions: [{name: fibonacci, payload: -5}]\n",
     "e.yaml:1:40: 'payload' of function 'fibonacci' must be from 0 to 1000000000, not -5"},
    {"PayloadHuge", "functions: [{name: shift, payload: 99999999999999999999}]\n",
     "e.yaml:1:36: 'payload' of function 'shift' must be from -9223372036854775808 to 9223372036854775807, not "
     "99999999999999999999"},
    {"PayloadHugeExponent", "functions: [{name: shift, payload: 1e999}]\n",
     "e.yaml:1:36: 'payload' of function 'shift' must be from -9223372036854775808 to 9223372036854775807, not 1e999"},
    {"PayloadFraction", "functions: [{name: fibonacci, payload: 1.5}]\n",
     "e.yaml:1:40: 'payload' of function 'fibonacci' must be a whole number such as 200 or 1e6, not '1.5'"},
    {"PayloadEmptyList", "functions: [{name: fibonacci, payload: []}]\n",
     "e.yaml:1:40: 'payload' of function 'fibonacci' must have at least one value, not an empty list"},
    {"PayloadLeftOut", "functions: [{name: fibonacci, payload: }]\n",
     "e.yaml:1:31: 'payload' of function 'fibonacci' must have at least one value, not nothing"},
    {"PayloadTwice", "functions: [{name: fibonacci, payload: [1000000, 5, 1e6]}]\n",
     "e.yaml:1:53: 'payload' of function 'fibonacci' lists '1e6' twice"},
    {"MisspeltRuntime", with("runtimes: [runc, wasm-oat]"),
     "e.yaml:2:18: unknown runtime 'wasm-oat' (did you mean 'wasm-aot'?); known: sandbox, runc, crun, wasm-interp, "
     "wasm-aot"},
    {"UnknownRuntime", with("runtimes: [firecracker]"),
     "e.yaml:2:12: unknown runtime 'firecracker'; known: sandbox, runc, crun, wasm-interp, wasm-aot"},
    {"RuntimeTwice", with("runtimes: [runc, crun, runc]"), "e.yaml:2:24: 'runtimes' lists 'runc' twice"},
    {"RuntimesEmpty", with("runtimes: []"), "e.yaml:2:11: 'runtimes' must have at least one value, not an empty list"},
    {"RuntimesIsMap", with("runtimes: {runc: true}"),
     "e.yaml:2:11: expected a runtime (sandbox, runc, crun, wasm-interp, wasm-aot), not a map"},
    {"RuntimeIsList", with("runtimes: [[runc]]"),
     "e.yaml:2:12: expected a runtime (sandbox, runc, crun, wasm-interp, wasm-aot), not a list"},
    {"StartUnknown", with("start: [hot]"), "e.yaml:2:9: unknown start 'hot'; known: cold, warm"},
    {"StartOnlyObserved", with("start: behind"), "e.yaml:2:8: unknown start 'behind'; known: cold, warm"},
    {"StorageUnknown", with("storage: floppy"),
     "e.yaml:2:10: unknown storage 'floppy'; known: inline, local, redis, s3"},
    {"StorageServerUnknown", with("storage: {postgres: {url: x}}"),
     "e.yaml:2:11: unknown key 'postgres' in a server of 'storage'; known: redis, s3"},
    {"StorageServerWithoutUrl", with("storage: {redis: {}}"), "e.yaml:2:18: 'redis' must have 'url'"},
    {"StorageServerBadUrl", with("storage: [{redis: {url: http://a}}]"),
     "e.yaml:2:25: 'redis.url' must be as redis://10.0.0.5:6379, not 'http://a'"},
    {"StorageServerWithSecret", with("storage: {s3: {url: \"http://k:s@a/b\"}}"),
     "e.yaml:2:21: 's3.url' must be as http://10.0.0.5:9000/BUCKET: no name and no password in it, they are taken from "
     "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"},
    {"StorageServerAndOurs", with("storage: [redis, {redis: {url: redis://a}}]"),
     "e.yaml:2:19: 'storage' lists redis twice"},
    {"StorageTwice", with("storage: [redis, redis]"), "e.yaml:2:18: 'storage' lists 'redis' twice"},
    {"ConnectionUnknown", with("connection: often"), "e.yaml:2:13: unknown connection 'often'; known: kept, fresh"},
    {"DensityWithStorage", with("storage: redis\ndensity: 4"),
     "e.yaml:3:10: 'density' is measured with storage inline only: leave one of the two out"},
    {"TiersIsList", with("tiers: [smoke]"),
     "e.yaml:2:8: 'tiers' must be a map, such as {smoke: {stop: {budget: 10m}}}"},
    {"TierIsWord", with("tiers: {smoke: 10m}"), "e.yaml:2:16: tier 'smoke' must be a map of keys of an experiment"},
    {"TierWithTiers", with("tiers: {smoke: {tiers: {}}}"),
     "e.yaml:2:16: tier 'smoke' must be a map of keys of an experiment"},
    {"GivenTwice", "functions: [{name: a, image: 'oci:x', wasm: y}]\n",
     "e.yaml:1:45: function 'a' is an image or a module, not both: give each a function of its own"},
    {"GivenNameless", "functions: [{image: 'oci:x'}]\n",
     "e.yaml:1:13: a function must have a 'name', such as {name: mine, image: oci:DIR}"},
    {"GivenNamedAsLumosOwn", "functions: [{name: noop, wasm: y}]\n",
     "e.yaml:1:20: 'noop' is one of Lumos's own functions: call yours otherwise"},
    {"GivenKeyUnknown", "functions: [{name: a, wasm: y, prot: 1}]\n",
     "e.yaml:1:32: unknown key 'prot' in a function that is there already; known: name, image, "
     "wasm, port, request, ready, env, expect"},
    {"GivenRegistry", "functions: [{name: a, image: 'nginx:latest'}]\n",
     "e.yaml:1:30: 'image' must name a folder with an OCI layout, such as oci:./my-image, not the text "
     "\"nginx:latest\": nothing is pulled from a registry (skopeo copy docker://nginx:latest oci:./my-image makes such "
     "a folder)"},
    {"GivenPortLow", "functions: [{name: a, wasm: y, port: 80}]\n",
     "e.yaml:1:38: 'port' must be from 1024 to 65535, not 80"},
    {"GivenMethod", "functions: [{name: a, wasm: y, request: {method: GTE}}]\n",
     "e.yaml:1:50: unknown method 'GTE'; known: GET, POST, PUT, PATCH, DELETE"},
    {"GivenPath", "functions: [{name: a, wasm: y, request: {path: a b}}]\n",
     "e.yaml:1:48: 'request.path' must be a path such as /healthz, not 'a b'"},
    {"GivenHeaderOfLumos", "functions: [{name: a, wasm: y, request: {headers: {Lumos-Sample: 1}}}]\n",
     "e.yaml:1:52: the header 'Lumos-Sample' is written by Lumos itself"},
    {"GivenHeaderLength", "functions: [{name: a, wasm: y, request: {headers: {content-LENGTH: 1}}}]\n",
     "e.yaml:1:52: the header 'content-LENGTH' is written by Lumos itself"},
    {"GivenHeaderName", "functions: [{name: a, wasm: y, request: {headers: {'a b': 1}}}]\n",
     "e.yaml:1:52: the text \"a b\" is no name of a header"},
    {"GivenHeaderValue", "functions: [{name: a, wasm: y, request: {headers: {a: \"b\\r\\nc: d\"}}}]\n",
     "e.yaml:1:55: the text \"b??c: d\" is no value of a header"},
    {"GivenEnvName", "functions: [{name: a, wasm: y, env: {1A: b}}]\n", "e.yaml:1:38: '1A' is no name of a variable"},
    {"GivenEnvPort", "functions: [{name: a, wasm: y, env: {PORT: 1}}]\n",
     "e.yaml:1:38: the variable 'PORT' is set by Lumos itself ('port' sets PORT)"},
    {"GivenReady", "functions: [{name: a, wasm: y, ready: up}]\n",
     "e.yaml:1:39: 'ready' must be a path such as /healthz, not 'up'"},
    {"GivenStatus", "functions: [{name: a, wasm: y, expect: {status: 42}}]\n",
     "e.yaml:1:49: 'expect.status' must be from 200 to 599, not 42"},
    {"GivenDigest", "functions: [{name: a, wasm: y, expect: {digest: abc}}]\n",
     "e.yaml:1:49: 'expect.digest' must be the body's SHA-256 (64 digits, as sha256sum prints), a Lumos-Digest (16), "
     "or "
     "'varies', not 'abc'"},
    {"FormatNotOfAFunction", "functions: [shift]\nformat: [json, protobuf]\n",
     "e.yaml:2:16: function 'shift' does not read protobuf; it reads json, cbor"},
    {"FormatUnknown", with("format: [json, xml]"), "e.yaml:2:16: unknown format 'xml'; known: json, cbor, protobuf"},
    {"LoadOfBothKinds", with("load: {closed: {concurrency: 2}, open: {rate: 5}}"),
     "e.yaml:2:40: 'load' is either closed or open: make two experiments of it"},
    {"OpenWithoutRate", with("load: {open: {arrivals: uniform}}"),
     "e.yaml:2:14: 'load.open' must have a 'rate', such as {open: {rate: [50, 100]}}"},
    {"OpenRateIsNone", with("load: {open: {rate: [50, fast]}}"),
     "e.yaml:2:26: 'load.open.rate': 'fast' is not a rate: a number per second such as 500, pieces such as "
     "100:10s,100-500:30s, or sine:MEAN,AMPLITUDE,PERIOD; at most 10000000 per second, 1000 pieces"},
    {"OpenRateTwice", with("load: {open: {rate: [50, 50]}}"), "e.yaml:2:26: 'load.open.rate' lists '50' twice"},
    {"OpenRateEndsAtNothing", with("load: {open: {rate: 0}}"),
     "e.yaml:2:21: 'load.open.rate': rate '0': must end above 0, for that is how it goes on"},
    {"ArrivalsMisspelt", with("load: {open: {rate: 50, arrivals: poison}}"),
     "e.yaml:2:35: 'load.open.arrivals': arrivals 'poison' are unknown (did you mean 'poisson'?); known: uniform, "
     "poisson, mmpp, mmpp:RATIO,BURST,CALM, file:PATH"},
    {"ArrivalsFileMissing", with("load: {open: {arrivals: 'file:/no/such/file'}}"),
     "e.yaml:2:25: /no/such/file: No such file or directory"},
    {"OpenMisspelt", with("load: {open: {rates: 50}}"),
     "e.yaml:2:15: unknown key 'rates' in 'load.open' (did you mean 'rate'?); known: rate, arrivals, duration, warmup, "
     "samples"},
    {"OpenConcurrency", with("load: {open: {rate: 50, concurrency: 4}}"),
     "e.yaml:2:25: unknown key 'concurrency' in 'load.open'; known: rate, arrivals, duration, warmup, samples"},
    {"DurationWithoutUnit", with("load: {closed: {concurrency: 2, duration: 10}}"),
     "e.yaml:2:43: 'load.closed.duration' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not '10'"},
    {"DurationTooShort", with("load: {closed: {concurrency: 2, duration: 5ms}}"),
     "e.yaml:2:43: 'load.closed.duration' must be from 100ms to 24h, not '5ms'"},
    {"WarmupIsList", with("load: {closed: {concurrency: 2, warmup: [1s]}}"),
     "e.yaml:2:41: 'load.closed.warmup' must be a duration from 0s to 24h such as 50ms or 2s, not a list"},
    {"ThinkIsWord", with("load: {closed: {concurrency: 2, think: long}}"),
     "e.yaml:2:40: 'load.closed.think' must be a duration from 0s to 24h such as 50ms or 2s, not 'long'"},
    {"SamplesZero", with("load: {closed: {concurrency: 2, samples: 0}}"),
     "e.yaml:2:42: 'load.closed.samples' must be from 1 to 1000000, not 0"},
    {"LoadIsWord", with("load: closed"), "e.yaml:2:7: 'load' must be a map (keys: closed, open), not 'closed'"},
    {"LoadIsEmpty", with("load: {}"),
     "e.yaml:2:7: 'load' must say 'closed' or 'open', such as {closed: {concurrency: [1, 10]}} or {open: {rate: 50}}"},
    {"LoadMisspelt", with("load: {close: {concurrency: 1}}"),
     "e.yaml:2:8: unknown key 'close' in 'load' (did you mean 'closed'?); known: closed, open"},
    {"ConcurrencyTwice", with("load: {closed: {concurrency: [1, 2, 1]}}"),
     "e.yaml:2:37: 'load.closed.concurrency' lists '1' twice"},
    {"ConcurrencyZero", with("load: {closed: {concurrency: 0}}"),
     "e.yaml:2:30: 'load.closed.concurrency' must be from 1 to 10000, not 0"},
    {"ConcurrencyMisspelt", with("load: {closed: {concurency: 1}}"),
     "e.yaml:2:17: unknown key 'concurency' in 'load.closed' (did you mean 'concurrency'?); known: concurrency, "
     "think, duration, warmup, samples"},
};

const BadFile kDevices[] = {
    {"DeviceMisspelt", with("device: slice-1c-05"),
     "e.yaml:2:9: unknown device 'slice-1c-05' (did you mean 'slice-1c-0.5'?); known: none, slice-1c-0.5, slice-1c-1"},
    {"DeviceTwice", with("device: [none, slice-1c-1, none]"), "e.yaml:2:28: 'device' lists 'none' twice"},
    {"DeviceIsMap", with("device: {cores: 1}"),
     "e.yaml:2:9: expected a device (none, slice-1c-0.5, slice-1c-1), not a map"},
    {"DeviceIsEmpty", with("device: []"), "e.yaml:2:9: 'device' must have at least one value, not an empty list"},
};

const BadFile kNeighbours[] = {
    {"NeighbourIsWord", with("neighbour: [none, cpu]"),
     "e.yaml:2:19: a neighbour must be none, {cpu: 50%}, {memory: 1GB/s} or {io: 10MB/s}, not 'cpu'"},
    {"NeighbourMisspelt", with("neighbour: {cpus: 50%}"),
     "e.yaml:2:13: unknown key 'cpus' in a neighbour (did you mean 'cpu'?); known: cpu, memory, io"},
    {"NeighbourOfTwo", with("neighbour: {cpu: 50%, io: 10MB/s}"),
     "e.yaml:2:12: a neighbour must have one of: cpu, memory, io"},
    {"NeighbourCpu", with("neighbour: {cpu: 150%}"),
     "e.yaml:2:18: 'neighbour.cpu' must be a share of a core from 1% to 100%, not '150%'"},
    {"NeighbourMemory", with("neighbour: {memory: 1GB}"),
     "e.yaml:2:21: 'neighbour.memory' must be a rate such as 1GB/s, from 1MB/s to 100GB/s, not '1GB'"},
    {"NeighbourIo", with("neighbour: [{io: 1kB/s}]"),
     "e.yaml:2:18: 'neighbour.io' must be a rate such as 10MB/s, from 64kB/s to 10GB/s, not '1kB/s'"},
    {"NeighbourTwice", with("neighbour: [{cpu: 50%}, {cpu: 50%}]"), "e.yaml:2:25: 'neighbour' lists cpu:50% twice"},
};

const BadFile kLimits[] = {
    {"StopIsList", with("stop: [p50, 5%]"),
     "e.yaml:2:7: 'stop' must be a map (keys: of, ci, min, max, budget, invocations, visit, timeout), not a list"},
    {"StopMisspelt", with("stop:\n  budgt: 5m"),
     "e.yaml:3:3: unknown key 'budgt' in 'stop' (did you mean 'budget'?); known: of, ci, min, max, budget, "
     "invocations, visit, timeout"},
    {"VisitIsNumber", with("stop: {visit: 5}"),
     "e.yaml:2:15: 'stop.visit' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not '5'"},
    {"Quantile", with("stop: {of: p90}"),
     "e.yaml:2:12: unknown quantile 'p90' (did you mean 'p50'?); known: p50, p95, p99"},
    {"QuantileIsList", with("stop: {of: [p50]}"), "e.yaml:2:12: expected a quantile (p50, p95, p99), not a list"},
    {"CiZero", with("stop: {ci: 0%}"),
     "e.yaml:2:12: 'stop.ci' must be between 0 and 1 (both excluded), such as 5% or 0.05, not '0%'"},
    {"CiHundred", with("stop: {ci: 100%}"),
     "e.yaml:2:12: 'stop.ci' must be between 0 and 1 (both excluded), such as 5% or 0.05, not '100%'"},
    {"CiOne", with("stop: {ci: 1.0}"),
     "e.yaml:2:12: 'stop.ci' must be between 0 and 1 (both excluded), such as 5% or 0.05, not '1.0'"},
    {"CiNegative", with("stop: {ci: -5%}"),
     "e.yaml:2:12: 'stop.ci' must be between 0 and 1 (both excluded), such as 5% or 0.05, not '-5%'"},
    {"CiNan", with("stop: {ci: NaN}"),
     "e.yaml:2:12: 'stop.ci' must be between 0 and 1 (both excluded), such as 5% or 0.05, not 'NaN'"},
    {"CiInfinite", with("stop: {ci: .inf}"),
     "e.yaml:2:12: 'stop.ci' must be between 0 and 1 (both excluded), such as 5% or 0.05, not '.inf'"},
    {"CiTwoPercentSigns", with("stop: {ci: 5%%}"),
     "e.yaml:2:12: 'stop.ci' must be between 0 and 1 (both excluded), such as 5% or 0.05, not '5%%'"},
    {"CiIsMap", with("stop: {ci: {a: b}}"),
     "e.yaml:2:12: 'stop.ci' must be between 0 and 1 (both excluded), such as 5% or 0.05, not a map"},
    {"CiLeftOut", with("stop: {ci: }"),
     "e.yaml:2:8: 'stop.ci' must be between 0 and 1 (both excluded), such as 5% or 0.05, not nothing"},
    {"MinZero", with("stop: {min: 0}"), "e.yaml:2:13: 'stop.min' must be from 1 to 1000000, not 0"},
    {"MinNegative", with("stop: {min: -5}"), "e.yaml:2:13: 'stop.min' must be from 1 to 1000000, not -5"},
    {"MinFraction", with("stop: {min: 6.5}"),
     "e.yaml:2:13: 'stop.min' must be a whole number such as 200 or 1e6, not '6.5'"},
    {"MinHexadecimal", with("stop: {min: 0x10}"),
     "e.yaml:2:13: 'stop.min' must be a whole number such as 200 or 1e6, not '0x10'"},
    {"MinOctal", with("stop: {min: 010}"),
     "e.yaml:2:13: 'stop.min' must be a whole number such as 200 or 1e6, not '010'"},
    {"MinWithUnderscore", with("stop: {min: 1_000}"),
     "e.yaml:2:13: 'stop.min' must be a whole number such as 200 or 1e6, not '1_000'"},
    {"MinNan", with("stop: {min: NaN}"),
     "e.yaml:2:13: 'stop.min' must be a whole number such as 200 or 1e6, not 'NaN'"},
    {"MinTooLarge", with("stop: {min: 1000001}"), "e.yaml:2:13: 'stop.min' must be from 1 to 1000000, not 1000001"},
    {"MaxHuge", with("stop: {max: 99999999999999999999}"),
     "e.yaml:2:13: 'stop.max' must be from 1 to 1000000, not 99999999999999999999"},
    {"MaxBelowMin", with("stop:\n  min: 6\n  max: 5"), "e.yaml:4:8: 'stop.max' must be at least 'stop.min' (6), not 5"},
    {"MinAboveDefaultMax", with("stop: {min: 201}"),
     "e.yaml:2:13: 'stop.min' must be at most 'stop.max' (200 by default), not 201"},
    {"MaxBelowDefaultMin", with("stop: {max: 5}"),
     "e.yaml:2:13: 'stop.max' must be at least 'stop.min' (6 by default), not 5"},
    {"BudgetWithoutUnit", with("stop: {budget: 5}"),
     "e.yaml:2:16: 'stop.budget' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not '5'"},
    {"BudgetUnknownUnit", with("stop: {budget: 5 fortnights}"),
     "e.yaml:2:16: 'stop.budget' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not '5 fortnights'"},
    {"BudgetZero", with("stop: {budget: 0s}"),
     "e.yaml:2:16: 'stop.budget' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not '0s'"},
    {"BudgetNegative", with("stop: {budget: -5m}"),
     "e.yaml:2:16: 'stop.budget' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not '-5m'"},
    {"BudgetIsList", with("stop: {budget: [5m]}"),
     "e.yaml:2:16: 'stop.budget' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not a list"},
    {"TimeoutHuge", with("stop: {timeout: 1e99h}"),
     "e.yaml:2:17: 'stop.timeout' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not '1e99h'"},
    {"InvocationsTooMany", with("stop: {invocations: 100001}"),
     "e.yaml:2:21: 'stop.invocations' must be from 1 to 100000, not 100001"},
    {"SeedNegative", with("seed: -1"), "e.yaml:2:7: 'seed' must be from 0 to 9223372036854775807, not -1"},
    {"SeedTooLarge", with("seed: 9223372036854775808"),
     "e.yaml:2:7: 'seed' must be from 0 to 9223372036854775807, not 9223372036854775808"},
    {"SeedIsWord", with("seed: random"), "e.yaml:2:7: 'seed' must be a whole number such as 200 or 1e6, not 'random'"},
    {"SeedIsText", with("seed: \"42\""),
     "e.yaml:2:7: 'seed' must be a whole number such as 200 or 1e6, not the text \"42\""},
    {"SeedLeftOut", "seed:\nfunctions: [noop]\n",
     "e.yaml:1:1: 'seed' must be a whole number such as 200 or 1e6, not nothing"},
    {"LongWordIsCut", with("seed: " + std::string(100, 'x')),
     "e.yaml:2:7: 'seed' must be a whole number such as 200 or 1e6, not 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'"},
};

std::string name_of_case(const testing::TestParamInfo<BadFile>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Structure, BadExperiment, testing::ValuesIn(kStructure), name_of_case);
INSTANTIATE_TEST_SUITE_P(Factors, BadExperiment, testing::ValuesIn(kFactors), name_of_case);
INSTANTIATE_TEST_SUITE_P(Devices, BadExperiment, testing::ValuesIn(kDevices), name_of_case);
INSTANTIATE_TEST_SUITE_P(Neighbours, BadExperiment, testing::ValuesIn(kNeighbours), name_of_case);
INSTANTIATE_TEST_SUITE_P(Limits, BadExperiment, testing::ValuesIn(kLimits), name_of_case);

}  // namespace
}  // namespace lumos
