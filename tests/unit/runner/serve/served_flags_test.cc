#include "runner/serve/served_flags.h"

#include <gmock/gmock.h>

#include "tests/unit/runner/cli/world.h"

namespace pipeline::serve {
namespace {

using support::FlagWorld;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFile = R"({"flags": {"dark": {"state": "ENABLED",
  "variants": {"on": true, "off": false}, "defaultVariant": "off"}}})";

class ServedFlagsTest : public testing::Test {
 protected:
  ServedFlagsTest() { flags_.look(); }

  FlagWorld& world() { return world_->flags(); }
  // The variant that "dark" is served by default.
  std::string served() const {
    const auto found = flags_.find(FlagWorld::kProduction);
    if (!found) return "nothing";
    const toggle::Flag* flag = found->flags->served.find("dark");
    return flag == nullptr ? "no such flag" : flag->default_variant.value_or("none");
  }

  support::ManualClock clock_;
  cli::World* world_ = nullptr;  // flags_' own
  std::vector<std::string> changes_;
  std::vector<std::string> told_;
  ServedFlags flags_{{.make_services =
                          [this] {
                            auto world = std::make_unique<cli::World>();
                            world_ = world.get();
                            return world;
                          },
                      .clock = clock_,
                      .on_change =
                          [this](const deploy::EnvironmentKey& key, const ofrep::Tidings& now) {
                            EXPECT_EQ(flags_.find(key)->flags->revision, now.revision);
                            changes_.push_back(key.pipeline + "/" + key.environment);
                          },
                      .tell = [this](const std::string& line) { told_.push_back(line); }}};
};

TEST_F(ServedFlagsTest, SeeDeploymentsAndSettings) {
  EXPECT_EQ(served(), "nothing");
  world().deploy(1, kFile);
  EXPECT_EQ(served(), "nothing") << "nobody has looked";
  flags_.look();
  EXPECT_EQ(served(), "off");
  ASSERT_TRUE(world().desk().set(FlagWorld::kProduction, "dark", "on", "ann"));
  flags_.look();
  EXPECT_EQ(served(), "on");
  EXPECT_THAT(changes_, ElementsAre("shop/production", "shop/production"));
  EXPECT_EQ(flags_.all().size(), 1U);
}

TEST_F(ServedFlagsTest, ReadNothingThatHasNotChanged) {
  world().deploy(1, kFile);
  flags_.look();
  changes_.clear();
  world().trees.reads = 0;
  flags_.look();
  world().deploy(1, kFile, {"shop", "staging"});
  flags_.look();
  EXPECT_THAT(changes_, ElementsAre("shop/staging"));
  EXPECT_EQ(world().trees.reads, 1);
}

TEST_F(ServedFlagsTest, StayAsTheyWereWhileATreeIsAwayAndComeAfterIt) {
  world().deploy(1, kFile);
  flags_.look();
  world().deploy(2, R"({"flags": {}})");
  world().trees.is_away = true;
  flags_.look();
  flags_.look();
  EXPECT_EQ(served(), "off");
  ASSERT_EQ(told_.size(), 1U) << "said once";
  EXPECT_THAT(told_.front(), HasSubstr("shop/production: failed to read the flag file flags.json"));
  world().trees.is_away = false;
  flags_.look();
  EXPECT_EQ(served(), "no such flag");
}

}  // namespace
}  // namespace pipeline::serve
