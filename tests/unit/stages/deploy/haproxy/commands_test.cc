#include "stages/deploy/haproxy/commands.h"

namespace pipeline::deploy::haproxy {
namespace {

using rollout::Endpoint;
using rollout::EndpointState;
using testing::ElementsAre;
using testing::IsEmpty;

Endpoint endpoint(const std::string& name, std::uint16_t port,
                  EndpointState state = EndpointState::ready) {
  return {name, "127.0.0.1", port, state};
}

const ServerStates kBlueServesOne = {
    {{"blue", "s1"}, {"127.0.0.1", 8101, ServerMode::ready}},
    {{"blue", "s2"}, {"127.0.0.1", 9, ServerMode::maintenance}},
    {{"green", "s1"}, {"127.0.0.1", 9, ServerMode::maintenance}},
};

Placement placed(const rollout::Traffic& traffic) {
  return *place(traffic, *place({.blue = {endpoint("a", 8101)}}, {}));
}

TEST(Commands, TouchNothingThatIsAsItShouldBe) {
  EXPECT_THAT(commands(placed({.blue = {endpoint("a", 8101)}}), kBlueServesOne, 0), IsEmpty());
}

TEST(Commands, BringInFirstThenShiftThenTakeOut) {
  EXPECT_THAT(
      commands(placed({.green = {endpoint("b", 8102)}, .green_percent = 100}), kBlueServesOne, 0),
      ElementsAre("set server green/s1 addr 127.0.0.1 port 8102", "set server green/s1 state ready",
                  "set map share.map green 100", "set server blue/s1 state maint"));
}

TEST(Commands, DrainWhatLeaves) {
  EXPECT_THAT(
      commands(
          placed({.blue = {endpoint("a", 8101, EndpointState::draining), endpoint("b", 8102)}}),
          kBlueServesOne, 0),
      ElementsAre("set server blue/s2 addr 127.0.0.1 port 8102", "set server blue/s2 state ready",
                  "set server blue/s1 state drain"));
}

TEST(Commands, TakeASlotOutBeforeItsAddressChanges) {
  Placement wanted;
  wanted.pools[0].servers = {{endpoint("z", 8109), 1}};
  EXPECT_THAT(
      commands(wanted, kBlueServesOne, 7),
      ElementsAre("set server blue/s1 state maint", "set server blue/s1 addr 127.0.0.1 port 8109",
                  "set server blue/s1 state ready", "set map share.map green 0"));
}

}  // namespace
}  // namespace pipeline::deploy::haproxy
