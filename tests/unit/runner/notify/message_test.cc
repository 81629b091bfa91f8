#include "runner/notify/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "runner/notify/back_off.h"
#include "tests/support/golden.h"
#include "tests/unit/runner/notify/news_of_tests.h"

namespace pipeline::notify {
namespace {

namespace json = boost::json;
using support::matches_golden;
using testing::ElementsAre;
using testing::Pair;

TEST(News, ReadsWell) {
  std::string all;
  for (const auto kind : {Happening::Kind::queued, Happening::Kind::started,
                          Happening::Kind::approval, Happening::Kind::job_started})
    all += text_of(news_of(kind)) + "--\n";
  all += text_of(failed_news());
  News fixed = news_of(Happening::Kind::finished);
  fixed.what.status = run::RunStatus::succeeded;
  fixed.occasions = {model::Occasion::success, model::Occasion::fixed};
  fixed.branch = "";
  fixed.tag = "v1\x1b[31m";
  fixed.server = "";
  EXPECT_TRUE(matches_golden("notify/texts.txt", all + "--\n" + text_of(fixed)));
}

TEST(Webhook, SaysWhatHappened) {
  EXPECT_TRUE(matches_golden("notify/webhook.json", webhook_body(failed_news()) + "\n"));
  const auto approval = json::parse(webhook_body(news_of(Happening::Kind::approval)));
  EXPECT_EQ(approval.at("type").as_string(), "run.approval");
  EXPECT_EQ(approval.at("data").at("job").as_string(), "integration[db=<a&b>]");
}

// The example of the specification's own libraries.
TEST(Webhook, IsSignedAsStandardWebhooksSays) {
  const base::TimePoint at(std::chrono::seconds(1614265330));
  const auto fields = webhook_fields("msg_p5jXN8AQM9LWM0D4loKWxJek", at, R"({"test": 2432232314})",
                                     "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(fields);
  EXPECT_THAT(*fields, ElementsAre(Pair("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
                                   Pair("webhook-timestamp", "1614265330"),
                                   Pair("webhook-signature",
                                        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")));
}

TEST(Webhook, KnowsABadKey) {
  EXPECT_FALSE(webhook_fields("msg_1", {}, "{}", ""));
  EXPECT_FALSE(webhook_fields("msg_1", {}, "{}", "whsec_"));
  EXPECT_FALSE(webhook_fields("msg_1", {}, "{}", "whsec_!"));
  EXPECT_TRUE(webhook_fields("msg_1", {}, "{}", "just a word"));
}

TEST(Slack, EscapesWhatMeansSomethingThere) {
  News news = failed_news();
  news.branch = "<!channel> & co";
  news.troubles.resize(1);
  EXPECT_EQ(json::parse(slack_body(news)).at("text").as_string(),
            "<https://ci.example.org/api/v1/runs/41|shop: run 41 on &lt;!channel&gt; &amp; co "
            "failed (broken)>\n\xe2\x80\xa2 unit failed: exit status 1");
}

TEST(BackOff, TakesLongerEachTimeAndEnds) {
  base::Duration all{0};
  base::Duration last{0};
  std::uint32_t tries = 1;
  for (; const auto wait = wait_after(tries); ++tries) {
    EXPECT_GT(*wait, last);
    last = *wait;
    all += *wait;
  }
  EXPECT_EQ(tries, 11U);
  EXPECT_GT(all, std::chrono::hours(24));
  EXPECT_EQ(wait_after(0), std::nullopt);
}

}  // namespace
}  // namespace pipeline::notify
