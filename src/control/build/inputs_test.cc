#include "control/build/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "tests/support/fake_command_runner.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

// Plays cargo and the tool.
class FakeInputs {
 public:
  FakeInputs() {
    std::filesystem::create_directories(folder_ / "functions");
    edit("one");
    runner.answer = [this](const Command& c) { return play(c); };
  }

  Expected<> make(Plan& plan) {
    return make_inputs(runner, {.functions = folder_ / "functions", .home = folder_ / "home", .progress = {}}, plan);
  }
  void edit(const std::string& text) { std::ofstream(folder_ / "functions/main.rs") << text; }

  std::ptrdiff_t calls_of(const std::string& tool) const {
    return std::ranges::count_if(runner.commands, [&](const Command& c) { return c.argv[0].ends_with(tool); });
  }

  FakeCommandRunner runner;
  std::string description = R"({"content_type":"application/cbor","input_key":"i","output_key":"o","payload_bytes":1024,
                                "payload_hash":"sha256:aa","digest":"dd"})";
  bool refuses = false;

 private:
  Expected<CommandResult> play(const Command& c) {
    if (c.argv[0] == "cargo") return CommandResult{};
    if (refuses) return CommandResult{.exit_code = 2, .errors = "inputs: limit must be from 0 to 100000000"};
    const std::filesystem::path out = *(std::ranges::find(c.argv, "--out") + 1);
    std::filesystem::create_directories(out);
    for (const auto& [name, text] : std::map<std::string, std::string>{
             {"request", std::string("a\0b", 3)}, {"object", "object"}, {"inputs.json", description}})
      std::ofstream(out / name) << text;
    return CommandResult{};
  }

  TemporaryFolder folder_;
};

Plan plan_of(bool stored) {
  Plan plan;
  plan.inputs = {{.id = 0, .function = "fibonacci", .payload = 5, .body = "{}", .made = true},
                 {.id = 1, .function = "transfer", .payload = 1, .format = "cbor", .stored = stored}};
  plan.cells = {{.id = 0, .input = 0}, {.id = 1, .input = 1}, {.id = 2, .input = 1, .expected_digest = "known"}};
  return plan;
}

TEST(MakeInputs, FillsWhatWasLeftToTheBuild) {
  FakeInputs fake;
  Plan plan = plan_of(false);
  const auto made = fake.make(plan);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  const Input& input = plan.inputs[1];
  EXPECT_EQ(input.body, std::string("a\0b", 3));
  EXPECT_EQ(input.content_type, "application/cbor");
  EXPECT_EQ(input.payload_bytes, 1024);
  EXPECT_EQ(input.payload_hash, "sha256:aa");
  EXPECT_TRUE(input.made && input.input_key.empty() && input.object.empty());
  EXPECT_EQ(plan.inputs[0].body, "{}");
  EXPECT_EQ(plan.cells[0].expected_digest, std::nullopt);
  EXPECT_EQ(plan.cells[1].expected_digest, "dd");
  EXPECT_EQ(plan.cells[2].expected_digest, "known");
}

TEST(MakeInputs, AStoredOneHasKeysAndTheFileOfItsObject) {
  FakeInputs fake;
  Plan plan = plan_of(true);
  ASSERT_TRUE(fake.make(plan).has_value());
  EXPECT_EQ(plan.inputs[1].input_key + plan.inputs[1].output_key, "io");
  EXPECT_EQ(read_file(plan.inputs[1].object).value_or(""), "object");
  EXPECT_THAT(fake.runner.commands.back().argv, Contains("--stored"));
  plan.inputs[1].object.clear();  // as a resumed run reads it: what is recorded is there, the file is found again
  ASSERT_TRUE(fake.make(plan).has_value());
  EXPECT_FALSE(plan.inputs[1].object.empty());
}

TEST(MakeInputs, WhatIsThereIsFoundUntilTheSourcesChange) {
  FakeInputs fake;
  Plan first = plan_of(false), second = plan_of(false), third = plan_of(false), none;
  ASSERT_TRUE(fake.make(none).has_value());
  EXPECT_TRUE(fake.runner.commands.empty()) << "a plan without them builds no tool";
  ASSERT_TRUE(fake.make(first).has_value());
  ASSERT_TRUE(fake.make(second).has_value());
  EXPECT_EQ(fake.calls_of("inputs"), 1);
  EXPECT_EQ(fake.calls_of("cargo"), 1);
  EXPECT_TRUE(second.inputs[1].made);
  fake.edit("two");
  ASSERT_TRUE(fake.make(third).has_value());
  EXPECT_EQ(fake.calls_of("inputs"), 2);
}

TEST(MakeInputs, SaysWhichInputCannotBeMade) {
  FakeInputs fake;
  fake.refuses = true;
  Plan plan = plan_of(false);
  const auto refused = fake.make(plan);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUsage);
  EXPECT_THAT(refused.error().message,
              HasSubstr("transfer-1-cbor-inline: no input can be made: inputs: limit must be"));
  fake.refuses = false;
  fake.description = "{}";
  EXPECT_THAT(fake.make(plan).error().message, HasSubstr("inputs.json"));
}

}  // namespace
}  // namespace lumos
