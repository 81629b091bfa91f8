#include "runner/notify/pipeline_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/golden.h"

namespace pipeline::notify {
namespace {

using run::RunStatus;
using support::matches_golden;
using testing::HasSubstr;
using testing::Not;

PipelineStatus status_of(std::optional<RunStatus> end) {
  return {.repository = "far",
          .pipeline = "shop",
          .branch = "main",
          .is_building = false,
          .end = end,
          .run = 41,
          .ended_at = base::TimePoint(std::chrono::hours(24 * 365))};
}

TEST(Cctray, Is) {
  std::vector<PipelineStatus> all;
  for (const auto end : {RunStatus::succeeded, RunStatus::failed, RunStatus::errored})
    all.push_back(status_of(end));
  all.push_back(status_of(std::nullopt));
  all.back().is_building = true;
  all.back().branch = "a<b>&\"c'\x1b[1m";
  EXPECT_TRUE(matches_golden("notify/cctray.xml", cctray(all, "https://ci.example.org")));
}

TEST(Badge, Is) {
  EXPECT_TRUE(matches_golden("notify/badge.svg", badge("shop", status_of(RunStatus::succeeded))));
  EXPECT_EQ(badge_word(status_of(RunStatus::failed)), "failing");
  EXPECT_EQ(badge_word(status_of(RunStatus::errored)), "error");
  EXPECT_EQ(badge_word(status_of(std::nullopt)), "unknown");
}

TEST(Badge, EscapesItsLabel) {
  const std::string image = badge("</text><script>&\"", status_of(RunStatus::failed));
  EXPECT_THAT(image, Not(HasSubstr("<script>")));
  EXPECT_THAT(image, HasSubstr("&lt;/text&gt;&lt;script&gt;&amp;&quot;"));
}

TEST(Xml, HasNoRoomForControlCharacters) {
  EXPECT_EQ(escaped_xml("a\x01"
                        "b\x1b[31mc<"),
            "abc&lt;");
}

}  // namespace
}  // namespace pipeline::notify
