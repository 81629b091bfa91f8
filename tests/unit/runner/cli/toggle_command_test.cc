// toggle list, show and set, on this machine.
#include <gmock/gmock.h>

#include "runner/cli/user_name.h"
#include "tests/support/golden.h"
#include "tests/unit/runner/cli/world.h"

namespace pipeline::cli {
namespace {

using support::FlagWorld;
using testing::HasSubstr;

constexpr const char* kFile = R"({"flags": {
  "new-checkout": {"state": "ENABLED", "variants": {"on": true, "off": false},
                   "defaultVariant": "off", "metadata": {"owner": "shop", "expiry": "2027-01-31"},
                   "targeting": {"fractional": [["on", 10], ["off", 90]]}},
  "old-banner": {"state": "ENABLED", "variants": {"on": true, "off": false},
                 "defaultVariant": "on", "metadata": {"owner": "web", "expiry": "1969-12-31"}},
  "theme": {"state": "DISABLED", "variants": {"blue": "#00f", "red": "#f00"},
            "defaultVariant": "blue"}}})";

class ToggleCommand : public testing::Test {
 protected:
  ToggleCommand() {
    world_.flags().deploy(7, kFile);
    world_.flags().deploy(3, "{", {"shop", "staging"});
  }
  std::string said(const Outcome& outcome) {
    return outcome ? world_.out() : outcome.error().to_string();
  }
  void set(const std::string& key, std::optional<std::string> value) {
    const auto outcome = world_.execute(ToggleSetOptions{key, std::move(value), "production"});
    ASSERT_TRUE(outcome) << outcome.error().to_string();
  }

  World world_;
};

TEST_F(ToggleCommand, ListsWhatIsServedAndWhereItComesFrom) {
  ASSERT_TRUE(world_.flags().desk().set(FlagWorld::kProduction, "new-checkout", "off", "ann"));
  world_.manual_clock().advance(std::chrono::minutes(3));
  ASSERT_EQ(world_.execute(ToggleListOptions{}), ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/toggles.txt", world_.out()));
}

TEST_F(ToggleCommand, ShowsOneWithWhoSetIt) {
  ASSERT_TRUE(world_.flags().desk().set(FlagWorld::kProduction, "new-checkout", "on", "ann"));
  world_.manual_clock().advance(std::chrono::minutes(2));
  ASSERT_TRUE(world_.flags().desk().clear(FlagWorld::kProduction, "new-checkout", "bob"));
  world_.manual_clock().advance(std::chrono::minutes(1));
  ASSERT_EQ(world_.execute(ToggleShowOptions{"new-checkout"}), ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/toggle.txt", world_.out()));
}

TEST_F(ToggleCommand, IsJsonForPrograms) {
  ASSERT_TRUE(world_.flags().desk().set(FlagWorld::kProduction, "new-checkout", "off", "ann"));
  ASSERT_EQ(world_.execute(ToggleListOptions{.environment = "production", .format = Format::json}),
            ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/toggles.json", world_.out()));
}

TEST_F(ToggleCommand, SetsAndGivesBack) {
  set("new-checkout", "off");
  EXPECT_EQ(world_.out(),
            "shop/production: new-checkout is set to off, was as its file says\n"
            "pipeline toggle set new-checkout --clear --env shop/production gives it back to its "
            "file\n");
  set("new-checkout", std::nullopt);
  EXPECT_THAT(world_.out(),
              HasSubstr("shop/production: new-checkout is as its file says again, was set to off "
                        "by " +
                        user_name() + "\n"));
}

TEST_F(ToggleCommand, SaysWhatIsNotThere) {
  EXPECT_EQ(said(world_.execute(ToggleShowOptions{"new-chekout"})),
            "no environment is served a toggle \"new-chekout\"");
  EXPECT_EQ(said(world_.execute(ToggleSetOptions{"new-checkout", "of", "production"})),
            "toggle new-checkout has no variant \"of\"");
  EXPECT_EQ(said(world_.execute(ToggleSetOptions{"x", "off", "nowhere"})),
            "nothing was ever deployed to \"nowhere\"");
}

TEST(ToggleCommandOfNobody, SaysHowTogglesComeToBe) {
  World world;
  ASSERT_EQ(world.execute(ToggleListOptions{}), ExitCode::success);
  EXPECT_THAT(world.out(), HasSubstr("no toggles; "));
}

}  // namespace
}  // namespace pipeline::cli
