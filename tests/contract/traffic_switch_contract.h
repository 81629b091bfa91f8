// What every TrafficSwitch promises, as one suite over all implementations:
//
//   INSTANTIATE_TYPED_TEST_SUITE_P(Haproxy, TrafficSwitchContract, testing::Types<HaproxyWorld>);
//
// A world makes the switch and instances for it:
//   static std::optional<std::string> missing()   why it cannot be tested here; none: it can
//   deploy::TrafficSwitch& traffic_switch()
//   rollout::Endpoint instance(name)              an endpoint that works, remembered by its name
//   std::string ask_public(), ask_preview()       who answers a request; empty: nobody
//   std::unique_ptr<World::Request> begin_request()   a request that is under way at whoever got
//   it,
//                                                     the only ready one, until finish()
#pragma once

#include <gtest/gtest.h>

#include "stages/deploy/traffic_switch.h"

namespace pipeline::contract {

using rollout::Endpoint;
using rollout::EndpointState;
using rollout::Traffic;

template <class World>
class TrafficSwitchContract : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = World::missing()) GTEST_SKIP() << *reason;
    world_ = std::make_unique<World>();
    const auto started = subject().ensure_running();
    ASSERT_TRUE(started) << started.error().to_string();
  }
  void TearDown() override {
    if (!world_) return;
    EXPECT_TRUE(subject().shut_down());
  }

  deploy::TrafficSwitch& subject() { return world_->traffic_switch(); }

  // Assigned, and seen to be so.
  void assign(const Traffic& traffic) {
    const auto assigned = subject().assign(traffic);
    ASSERT_TRUE(assigned) << assigned.error().to_string();
    const auto seen = subject().observe();
    ASSERT_TRUE(seen) << seen.error().to_string();
    EXPECT_EQ(*seen, traffic);
  }

  std::unique_ptr<World> world_;
};

TYPED_TEST_SUITE_P(TrafficSwitchContract);

TYPED_TEST_P(TrafficSwitchContract, StartsWithoutTraffic) {
  EXPECT_EQ(this->subject().observe(), Traffic{});
  EXPECT_EQ(this->subject().running(), true);
  EXPECT_EQ(this->world_->ask_public(), "");
}

TYPED_TEST_P(TrafficSwitchContract, StartsOnce) {
  const auto one = this->world_->instance("r1-1");
  this->assign({.blue = {one}});
  EXPECT_TRUE(this->subject().ensure_running());
  EXPECT_EQ(this->world_->ask_public(), "r1-1") << "starting what runs changes nothing";
}

TYPED_TEST_P(TrafficSwitchContract, SendsUsersToTheColourWithTheShare) {
  const auto blue = this->world_->instance("r1-1");
  const auto green = this->world_->instance("r2-1");
  this->assign({.blue = {blue}});
  EXPECT_EQ(this->world_->ask_public(), "r1-1");
  this->assign({.blue = {blue}, .green = {green}});
  EXPECT_EQ(this->world_->ask_public(), "r1-1");
  this->assign({.blue = {blue}, .green = {green}, .green_percent = 100});
  EXPECT_EQ(this->world_->ask_public(), "r2-1");
  this->assign({.green = {green}, .green_percent = 100});
  EXPECT_EQ(this->world_->ask_public(), "r2-1");
}

TYPED_TEST_P(TrafficSwitchContract, SplitsByPercent) {
  const auto blue = this->world_->instance("r1-1");
  const auto green = this->world_->instance("r2-1");
  this->assign({.blue = {blue}, .green = {green}, .green_percent = 30});
  int greens = 0;
  constexpr int kRequests = 1000;
  for (int i = 0; i < kRequests; ++i) greens += this->world_->ask_public() == "r2-1" ? 1 : 0;
  // Six standard deviations around 300: a right switch fails once in a billion runs.
  EXPECT_NEAR(greens, 300, 87);
}

TYPED_TEST_P(TrafficSwitchContract, KeepsThePreviewApart) {
  const auto blue = this->world_->instance("r1-1");
  const auto green = this->world_->instance("r2-1");
  this->assign({.blue = {blue}, .preview = {green}});
  EXPECT_EQ(this->world_->ask_public(), "r1-1");
  EXPECT_EQ(this->world_->ask_preview(), "r2-1");
  this->assign({.blue = {blue}});
  EXPECT_EQ(this->world_->ask_preview(), "");
}

TYPED_TEST_P(TrafficSwitchContract, IsAbsolute) {
  const auto one = this->world_->instance("r1-1");
  const auto two = this->world_->instance("r1-2");
  const Traffic both{.blue = {one, two}};
  this->assign(both);
  this->assign(both);
  this->assign({.blue = {two}});
  EXPECT_EQ(this->world_->ask_public(), "r1-2");
  this->assign({.blue = {two, one}});
  this->assign(both);
  this->assign({});
  EXPECT_EQ(this->world_->ask_public(), "");
}

TYPED_TEST_P(TrafficSwitchContract, DrainsWithoutCuttingRequestsOff) {
  const auto one = this->world_->instance("r1-1");
  const auto two = this->world_->instance("r1-2");
  this->assign({.blue = {one}});
  auto request = this->world_->begin_request("r1-1");
  EXPECT_EQ(this->subject().sessions("r1-1"), 1U);
  auto draining = one;
  draining.state = EndpointState::draining;
  this->assign({.blue = {draining, two}});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(this->world_->ask_public(), "r1-2");
  EXPECT_EQ(this->subject().sessions("r1-1"), 1U);
  EXPECT_EQ(request->finish(), "r1-1") << "a request under way must end as it began";
  while (this->subject().sessions("r1-1") != 0U) {
  }
  this->assign({.blue = {one, two}});  // and back
}

TYPED_TEST_P(TrafficSwitchContract, KnowsNothingOfStrangers) {
  EXPECT_EQ(this->subject().sessions("r9-9"), 0U);
}

TYPED_TEST_P(TrafficSwitchContract, RefusesNonsense) {
  const auto one = this->world_->instance("r1-1");
  EXPECT_FALSE(this->subject().assign({.blue = {one}, .green_percent = 101}));
  EXPECT_FALSE(this->subject().assign({.blue = {one, one}}));
  EXPECT_EQ(this->subject().observe(), Traffic{}) << "and changes nothing";
}

TYPED_TEST_P(TrafficSwitchContract, CountsRequestsAndErrors) {
  const auto one = this->world_->instance("r1-1");
  const auto before = this->subject().counters();
  ASSERT_TRUE(before);
  EXPECT_EQ(this->world_->ask_public(), "") << "nobody serves: the switch itself says no";
  this->assign({.blue = {one}, .preview = {one}});
  for (int i = 0; i < 5; ++i) this->world_->ask_public();
  this->world_->ask_preview();
  const auto after = this->subject().counters();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->requests - before->requests, 6U);
  EXPECT_EQ(after->errors - before->errors, 1U);
}

TYPED_TEST_P(TrafficSwitchContract, ForgetsWhenItIsShutDown) {
  this->assign({.blue = {this->world_->instance("r1-1")}});
  EXPECT_TRUE(this->subject().shut_down());
  EXPECT_EQ(this->subject().running(), false);
  EXPECT_EQ(this->world_->ask_public(), "");
  EXPECT_TRUE(this->subject().shut_down()) << "again is no error";
  ASSERT_TRUE(this->subject().ensure_running());
  EXPECT_EQ(this->subject().observe(), Traffic{});
}

REGISTER_TYPED_TEST_SUITE_P(TrafficSwitchContract, StartsWithoutTraffic, StartsOnce,
                            SendsUsersToTheColourWithTheShare, SplitsByPercent,
                            KeepsThePreviewApart, IsAbsolute, DrainsWithoutCuttingRequestsOff,
                            KnowsNothingOfStrangers, RefusesNonsense, CountsRequestsAndErrors,
                            ForgetsWhenItIsShutDown);

}  // namespace pipeline::contract
