#include "control/contract/contract.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <thread>

#include "control/contract/bad_requests.h"
#include "telemetry/server_timing.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

// "" when all is well, else what was expected and what came.
using Finding = std::string;

std::string shown(const Heard& heard) {
  if (heard.responses.empty()) return heard.trouble.empty() ? "the connection ended without a response" : heard.trouble;
  const http::Message& m = heard.responses.front();
  return std::format("{} {}", m.status, m.body.substr(0, 200));
}

Finding expect_status(const Heard& heard, int status, std::string_view what) {
  if (heard.status() == status) return "";
  return std::format("{}: expected {}, got {}", what, status, shown(heard));
}

std::string good_request(const Input& input) { return post_request(input.content_type, input.body); }

Finding ready(const ContractSubject& s) {
  const Heard heard = ask(s.address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", s.patience);
  if (heard.status() == 200 && heard.responses[0].body == "ok") return "";
  return "GET /healthz: expected 200 ok, got " + shown(heard);
}

// A right request gets the right answer.
Finding answer_to(const ContractSubject& s, const Input& input, std::string& digest) {
  const Heard heard = ask(s.address, good_request(input), s.patience);
  if (auto wrong = expect_status(heard, 200, "a right request in " + input.format); !wrong.empty()) return wrong;
  const http::Message& m = heard.responses[0];
  if (m.header("content-type") != input.content_type)
    return std::format("the response to {} is {}", input.content_type, m.header("content-type"));
  const std::string_view given = m.header("lumos-digest");
  if (given.size() != 16 || given.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return std::format("Lumos-Digest must be 16 hexadecimal digits, not '{}'", given);
  if (!digest.empty() && digest != given)
    return std::format("the result in {} has digest {}, expected {}", input.format, given, digest);
  digest = given;
  return "";
}

Finding answers(const ContractSubject& s) {
  std::string digest = s.digest.value_or("");
  for (const Input* input : s.inputs) {
    for (int i = 0; i < 2; ++i) {
      if (auto wrong = answer_to(s, *input, digest); !wrong.empty()) return wrong;
    }
  }
  return "";
}

Finding headers(const ContractSubject& s) {
  std::optional<long> count;
  for (int i = 0; i < 3; ++i) {
    // The second is a bad one: it counts too.
    const Heard heard =
        ask(s.address, i == 1 ? post_request("application/json", "[") : good_request(*s.inputs[0]), s.patience);
    if (heard.responses.empty()) return shown(heard);
    const http::Message& m = heard.responses[0];
    if (m.header("lumos-instance") != s.instance)
      return std::format("Lumos-Instance is '{}', the instance is {}", m.header("lumos-instance"), s.instance);
    long now = 0;
    const std::string_view text = m.header("lumos-invocation");
    if (std::from_chars(text.data(), text.data() + text.size(), now).ec != std::errc{} || now < 1)
      return std::format("Lumos-Invocation must be a count from 1, not '{}'", text);
    if (i == 1 && !m.header("lumos-digest").empty()) return "a refusal has a Lumos-Digest";
    if (count && now != *count + 1) return std::format("Lumos-Invocation went from {} to {}", *count, now);
    count = now;
  }
  return "";
}

// The best of many: an interruption between two spans is not the function's fault.
Finding spans(const ContractSubject& s) {
  std::string found;
  for (int i = 0; i < 40; ++i) {
    const Heard heard = ask(s.address, good_request(*s.inputs[0]), s.patience);
    if (heard.status() != 200) return shown(heard);
    const std::string_view header = heard.responses[0].header("server-timing");
    const Spans p = parse_server_timing(header);
    if (!p.receive || !p.handle || !p.deserialize || !p.serialize)
      return std::format("Server-Timing must have receive, deserialize, serialize and handle: '{}'", header);
    const std::int64_t rest = *p.handle - *p.deserialize - *p.serialize - p.fetch.value_or(0) - p.compute.value_or(0) -
                              p.store.value_or(0) - p.digest.value_or(0);
    if (rest < 0) return std::format("the spans are longer than handle: '{}'", header);
    if (rest <= std::max<std::int64_t>(20'000, *p.handle / 20)) return "";
    found = std::format("the spans leave {} µs of handle, more than 5 % and 20 µs: '{}'", rest / 1000, header);
  }
  return found;
}

Finding refuses(const ContractSubject& s, std::span<const BadRequest> requests) {
  for (const auto& bad : requests) {
    Conversation conversation(s.address, s.patience);
    conversation.say(bad.bytes);
    if (bad.cut) conversation.finish();
    // What is smuggled behind a doubtful request would be answered too.
    const Heard heard = conversation.hear(bad.closes ? 2 : 1);
    if (auto wrong = expect_status(heard, bad.status, bad.what); !wrong.empty()) return wrong;
    const http::Message& m = heard.responses[0];
    if (m.body.find("\"error\"") == std::string::npos)
      return std::format("{}: a refusal must be a JSON error, not '{}'", bad.what, m.body.substr(0, 200));
    if (!bad.allow.empty() && m.header("allow") != bad.allow)
      return std::format("{}: expected Allow: {}, got '{}'", bad.what, bad.allow, m.header("allow"));
    if (bad.closes && (heard.responses.size() != 1 || !heard.closed))
      return std::format("{}: expected one refusal and the end of the connection, got {} responses, {}", bad.what,
                         heard.responses.size(), heard.closed ? "then the end" : "and it stayed open");
  }
  return "";
}

// Others are served while one is slow.
Finding slow_sender(const ContractSubject& s) {
  const std::string request = good_request(*s.inputs[0]);
  Conversation slow(s.address, s.patience);
  constexpr std::size_t kPieces = 8;
  for (std::size_t i = 0; i < kPieces; ++i) {
    const std::size_t begin = request.size() * i / kPieces, end = request.size() * (i + 1) / kPieces;
    slow.say(std::string_view(request).substr(begin, end - begin));
    std::this_thread::sleep_for(10ms);
    if (i != kPieces / 2) continue;
    if (auto wrong = ready(s); !wrong.empty()) return "while another sends slowly: " + wrong;
  }
  return expect_status(slow.hear(1), 200, "a request that comes slowly");
}

Finding keeps_alive(const ContractSubject& s) {
  Conversation one(s.address, s.patience);
  const std::string request = good_request(*s.inputs[0]);
  one.say(request + request);
  one.say(post_request("application/json", "["));
  one.say(request);
  const Heard heard = one.hear(4);
  std::string statuses;
  for (const auto& m : heard.responses) statuses += std::format("{} ", m.status);
  if (statuses == "200 200 400 200 ") return "";
  return std::format("four requests on one connection: expected 200 200 400 200, got {}{}", statuses, heard.trouble);
}

struct Line {
  const char* name;
  Finding (*check)(const ContractSubject&);
};

// In this order: what an instance is asked first must find it new.
constexpr Line kLines[] = {
    {"ready", ready},
    {"answer", answers},
    {"headers", headers},
    {"spans", spans},
    {"keep-alive", keeps_alive},
    {"empty", [](const ContractSubject& s) { return refuses(s, empty_requests(s.inputs)); }},
    {"truncated", [](const ContractSubject& s) { return refuses(s, truncated_requests(s.inputs)); }},
    {"wrong-type", [](const ContractSubject& s) { return refuses(s, wrong_types(s.inputs)); }},
    {"missing-key", [](const ContractSubject& s) { return refuses(s, missing_keys(s.inputs, s.takes_key)); }},
    {"huge", [](const ContractSubject& s) { return refuses(s, huge_requests()); }},
    {"method", [](const ContractSubject& s) { return refuses(s, wrong_methods()); }},
    {"slow-sender", slow_sender},
    {"smuggling", [](const ContractSubject& s) { return refuses(s, smuggled_requests(*s.inputs[0])); }},
    {"still-right", answers},
};

}  // namespace

std::vector<ContractVerdict> check_contract(const ContractSubject& subject) {
  std::vector<ContractVerdict> verdicts;
  for (const auto& [name, check] : kLines) verdicts.push_back({name, check(subject)});
  return verdicts;
}

ContractVerdict check_contract_line(const ContractSubject& subject, std::string_view line) {
  const auto found = std::ranges::find(kLines, line, &Line::name);
  LUMOS_CHECK(found != std::end(kLines));
  return {found->name, found->check(subject)};
}

std::vector<std::string> contract_lines() {
  std::vector<std::string> names;
  for (const auto& [name, check] : kLines) names.emplace_back(name);
  return names;
}

}  // namespace lumos
