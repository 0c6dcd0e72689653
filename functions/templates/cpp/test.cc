// Fails with the number of what is wrong.
#include <cstdio>

#include "function.h"

int main() {
  sdk::Spans spans;
  int wrong = 0;
  const auto expect = [&](bool right, const char* what) {
    if (right) return;
    std::fprintf(stderr, "wrong: %s\n", what);
    ++wrong;
  };
  expect(steps(0) == kSeed, "no step leaves the seed");
  expect(steps(1) == 8'748'534'153'485'358'512, "one step");
  expect(answer({{"n", 1000}}, spans)->digest == 0x150c56f21f54ca96, "the digest of 1000, as function.json has it");
  for (const sdk::Json& bad : {sdk::Json{{"n", kMaxN + 1}}, sdk::Json{{"n", -1}}, sdk::Json{{"n", "1"}},
                               sdk::Json::object(), sdk::Json{{"n", 1}, {"m", 1}}})
    expect(!answer(bad, spans).has_value() && answer(bad, spans).error().status == 400,
           "what it does not take is refused");
  return wrong;
}
