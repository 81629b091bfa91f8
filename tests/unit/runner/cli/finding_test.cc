#include "runner/cli/finding.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace pipeline::cli {
namespace {

const std::vector<Finding> kFindings = {
    {"server", Health::good, "it answers"},
    {"certificate", Health::weak, "CN = ci, for 3 more days", "renew the certificate"},
    {"database", Health::bad, "it is \x1b[31mdamaged", "restore a backup"}};

TEST(Finding, IsALineWithItsNextStepBelow) {
  EXPECT_EQ(render(kFindings, render::Color::no),
            "good  server       it answers\n"
            "weak  certificate  CN = ci, for 3 more days\n"
            "                   next: renew the certificate\n"
            "bad   database     it is damaged\n"
            "                   next: restore a backup\n");
}

TEST(Finding, OnlyWhatIsBadDoesNotWork) {
  EXPECT_FALSE(all_work(kFindings));
  EXPECT_TRUE(all_work({kFindings[0], kFindings[1]}));
  EXPECT_TRUE(all_work({}));
}

TEST(Finding, ComesBackFromAnotherMachine) {
  EXPECT_EQ(findings_from_json(to_json(kFindings)).value(), kFindings);
  for (const char* text : {R"({})", R"([3])", R"([{"subject": "a"}])",
                           R"([{"subject": "a", "health": "rosy", "found": "", "next": ""}])",
                           R"([{"subject": 1, "health": "good", "found": "", "next": ""}])"}) {
    const auto read = findings_from_json(boost::json::parse(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::invalid);
  }
}

TEST(Finding, ACertificateIsAsGoodAsItHoldsLong) {
  using std::chrono::hours;
  const base::TimePoint now(hours(1000));
  const auto after = [&](hours left) { return certificate_finding("c", "CN", now + left, now); };
  EXPECT_EQ(after(hours(24 * 90)), (Finding{"c", Health::good, "CN, for 90 more days"}));
  EXPECT_EQ(after(hours(24 * 13)).health, Health::weak);
  EXPECT_EQ(after(hours(0)).health, Health::bad);
}

}  // namespace
}  // namespace pipeline::cli
