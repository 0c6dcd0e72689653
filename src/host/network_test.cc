#include "host/network.h"

#include <gtest/gtest.h>

#include "tests/support/fake_command_runner.h"

namespace lumos {
namespace {

TEST(NetworkSlots, EachHasItsOwnNamespaceAndAddress) {
  FakeCommandRunner runner;
  const auto slots = make_network_slots(runner, 70);
  ASSERT_TRUE(slots.has_value());
  EXPECT_EQ(slots->at(0).path, "/run/netns/lumos0");
  EXPECT_EQ(format_address(slots->at(0).address), "10.77.0.2");
  EXPECT_EQ(format_address(slots->at(69).address), "10.77.1.22");
  EXPECT_EQ(runner.commands.size(), 71u);
  EXPECT_NE(runner.commands[0].input.find("addr add 10.77.0.1/30 dev v0"), std::string::npos);
  EXPECT_EQ(runner.commands[1].argv, (std::vector<std::string>{"ip", "-n", "lumos0", "-batch", "-"}));
  for (const auto& command : runner.commands) EXPECT_EQ(command.input.find("default"), std::string::npos);
}

TEST(NetworkSlots, HaveAWayToTheAddressesThatAreNamedAndToNoOther) {
  FakeCommandRunner runner;
  const auto places = make_network_places(runner, {"redis", "s3"});
  ASSERT_TRUE(places.has_value());
  EXPECT_EQ(places->at(1).path, "/run/netns/s3");
  EXPECT_EQ(places->at(1).link, "to-s3");
  EXPECT_EQ(format_address(places->at(1).address), "10.78.0.6");
  EXPECT_TRUE(
      runner.commands.back().input.ends_with("addr add 10.78.0.6/30 dev eth0\nlink set eth0 up\n"
                                             "route add 10.77.0.0/16 via 10.78.0.5\n"));
  ASSERT_TRUE(make_network_slots(runner, 1, {places->at(0).address}).has_value());
  EXPECT_TRUE(runner.commands.back().input.ends_with("eth0 up\nroute add 10.78.0.2/32 via 10.77.0.1\n"));
}

TEST(NetworkSlots, SayWhatIpSaid) {
  FakeCommandRunner runner;
  runner.answer = [](const Command&) {
    return CommandResult{.exit_code = 2, .errors = "RTNETLINK answers: Operation not permitted"};
  };
  const auto slots = make_network_slots(runner, 1);
  ASSERT_FALSE(slots.has_value());
  EXPECT_NE(slots.error().message.find("not permitted"), std::string::npos);
}

}  // namespace
}  // namespace lumos
