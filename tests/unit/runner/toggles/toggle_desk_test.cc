#include "runner/toggles/toggle_desk.h"

#include <gmock/gmock.h>

#include <boost/json/serialize.hpp>

#include "runner/toggles/toggle_view.h"
#include "tests/support/deploy/flag_world.h"

namespace pipeline::toggles {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kFile = R"({"flags": {
  "dark": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
           "metadata": {"owner": "shop", "expiry": "2026-12-31"}},
  "theme": {"state": "ENABLED", "variants": {"blue": "#00f", "red": "#f00"},
            "defaultVariant": "blue", "targeting": {"if": [{"var": "beta"}, "red"]}}}})";

class ToggleDeskTest : public testing::Test {
 protected:
  FlagsInService look() {
    auto flags = desk().look(kKey);
    EXPECT_TRUE(flags) << flags.error().to_string();
    return flags.value_or(FlagsInService{.key = kKey});
  }
  ToggleDesk& desk() { return world_.desk(); }

  const deploy::EnvironmentKey kKey = support::FlagWorld::kProduction;
  support::ManualClock clock_{std::chrono::sys_days(std::chrono::year(2026) / 11 / 29)};
  support::FlagWorld world_{clock_};
};

TEST_F(ToggleDeskTest, ServesWhatTheReleaseThatServesCarries) {
  EXPECT_EQ(desk().look(kKey).error().kind(), ErrorKind::not_found);
  world_.deploy(1, kFile);
  EXPECT_EQ(look().release, 1U);
  EXPECT_EQ(look().path, "flags.json");
  EXPECT_THAT(look().served.flags, SizeIs(2));
  world_.deploy(2, R"({"flags": {}})");
  EXPECT_EQ(look().release, 2U);
  EXPECT_THAT(look().served.flags, SizeIs(0));
  world_.shut_down();
  EXPECT_EQ(look().release, 0U);
}

TEST_F(ToggleDeskTest, ReadsTheFileOfAReleaseOnce) {
  world_.deploy(1, kFile);
  look();
  world_.trees.is_away = true;
  EXPECT_THAT(look().served.flags, SizeIs(2));
  EXPECT_EQ(world_.trees.reads, 1);
  world_.deploy(2, kFile);
  EXPECT_EQ(desk().look(kKey).error().kind(), ErrorKind::io) << "not taken for a file that is gone";
  world_.trees.is_away = false;
  EXPECT_EQ(look().release, 2U);
}

TEST_F(ToggleDeskTest, AFileThatSaysNothingIsSaidToBeThat) {
  world_.deploy(1, "{");
  EXPECT_THAT(look().file.error().to_string(), HasSubstr("not valid JSON"));
  EXPECT_TRUE(look().served.flags.empty());
  world_.deploy(2, std::nullopt);
  EXPECT_TRUE(look().file);
  world_.deploy(3, kFile);
  world_.trees.files.clear();
  EXPECT_EQ(look().file.error().to_string(),
            "the flag file flags.json is not in the tree of release 3");
  EXPECT_FALSE(desk().set(kKey, "dark", "off", "ann"));
}

TEST_F(ToggleDeskTest, ASettingOutlivesReleasesUntilItIsCleared) {
  world_.deploy(1, kFile);
  EXPECT_EQ(*desk().set(kKey, "dark", "on", "ann"), std::nullopt);
  EXPECT_EQ(look().served.find("dark")->default_variant, "on");
  world_.deploy(2, kFile);
  EXPECT_EQ(look().served.find("dark")->default_variant, "on");
  EXPECT_EQ((*desk().set(kKey, "dark", "off", "bob"))->by, "ann");
  EXPECT_EQ(desk().clear(kKey, "dark", "bob")->value, "off");
  EXPECT_TRUE(look().settings.empty());
  EXPECT_THAT(*desk().history(kKey, "dark"), SizeIs(3));
}

TEST_F(ToggleDeskTest, WhatIsNotThereCannotBeSet) {
  const auto message = [&](const std::string& flag, const std::string& value) {
    const auto set = desk().set(kKey, flag, value, "ann");
    return set ? "" : set.error().to_string() + "; " + set.error().hint().value_or("");
  };
  EXPECT_EQ(message("dark", "off"), "nothing was ever deployed to shop/production; ");
  world_.deploy(1, kFile);
  EXPECT_EQ(message("drak", "off"),
            "release 1 of shop/production has no toggle \"drak\"; did you mean \"dark\"?");
  EXPECT_EQ(message("checkout", "off"),
            "release 1 of shop/production has no toggle \"checkout\"; it has: dark, theme");
  EXPECT_EQ(message("theme", "off"), "toggle theme has no variant \"off\"; it has: blue, red");
  EXPECT_EQ(desk().clear(kKey, "dark", "ann").error().to_string(),
            "toggle dark of shop/production is not set to anything");
  world_.deploy(2, std::nullopt);
  EXPECT_THAT(message("dark", "off"), HasSubstr("names the flag file"));
  world_.shut_down();
  EXPECT_THAT(message("dark", "off"), HasSubstr("nothing serves in shop/production now"));
  EXPECT_EQ(*world_.store.newest(), 0U);
}

TEST_F(ToggleDeskTest, TheRevisionIsAnotherWheneverWhatIsServedIs) {
  world_.deploy(1, kFile);
  const std::string first = look().revision;
  EXPECT_EQ(look().revision, first);
  ASSERT_TRUE(desk().set(kKey, "dark", "on", "ann"));
  const std::string second = look().revision;
  EXPECT_NE(second, first);
  ASSERT_TRUE(desk().clear(kKey, "dark", "ann"));
  EXPECT_EQ(look().revision, first);
  world_.deploy(2, kFile);
  EXPECT_NE(look().revision, first);
}

TEST_F(ToggleDeskTest, TheVersionGrowsWithDeploymentsAndSettings) {
  const auto empty = desk().version();
  world_.deploy(1, kFile);
  const auto deployed = desk().version();
  EXPECT_NE(*deployed, *empty);
  EXPECT_EQ(*desk().version(), *deployed);
  ASSERT_TRUE(desk().set(kKey, "dark", "on", "ann"));
  EXPECT_NE(*desk().version(), *deployed);
}

TEST_F(ToggleDeskTest, AViewSaysWhereAValueComesFrom) {
  world_.deploy(1, kFile);
  ASSERT_TRUE(desk().set(kKey, "dark", "on", "ann"));
  EnvironmentToggles view = view_of(look(), clock_.now());
  EXPECT_EQ(view.toggles.at(0).value, "on");
  EXPECT_EQ(view.toggles.at(0).setting->by, "ann");
  EXPECT_EQ(view.toggles.at(0).expiry, "2026-12-31");
  EXPECT_FALSE(view.toggles.at(0).is_stale);
  EXPECT_EQ(view.toggles.at(1).value, "by its rules");
  EXPECT_THAT(view.toggles.at(1).variants, ElementsAre("blue", "red"));
  EXPECT_TRUE(view_of(look(), clock_.now() + std::chrono::days(40)).toggles.at(0).is_stale);
  world_.deploy(2, R"({"flags": {}})");
  view = view_of(look(), clock_.now());
  EXPECT_FALSE(view.toggles.at(0).is_in_file) << "a setting that nothing is left of is seen";
}

TEST_F(ToggleDeskTest, AViewComesBackFromItsJson) {
  world_.deploy(1, kFile);
  ASSERT_TRUE(desk().set(kKey, "dark", "on", "ann"));
  const auto json = json_of(view_of(look(), clock_.now()));
  const auto back = environment_toggles_from_json(json);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(boost::json::serialize(json_of(*back)), boost::json::serialize(json));
  const auto change = desk().history(kKey, "dark")->front();
  EXPECT_EQ(boost::json::serialize(json_of(*change_from_json(json_of(change)))),
            boost::json::serialize(json_of(change)));
  for (const boost::json::value& nothing :
       {boost::json::value(), boost::json::value(boost::json::object{{"pipeline", 1}})}) {
    EXPECT_EQ(environment_toggles_from_json(nothing).error().kind(), ErrorKind::corrupt);
    EXPECT_EQ(change_from_json(nothing).error().kind(), ErrorKind::corrupt);
    EXPECT_EQ(setting_from_json(nothing).error().kind(), ErrorKind::corrupt);
  }
}

}  // namespace
}  // namespace pipeline::toggles
