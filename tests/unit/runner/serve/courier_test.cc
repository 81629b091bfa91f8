#include "runner/serve/courier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/store/forge_token.h"
#include "tests/support/running_server/receiver.h"
#include "tests/unit/runner/serve/outbox_of_tests.h"

namespace pipeline::serve {
namespace {

using std::chrono::seconds;
using store::Channel;
using store::Notice;
using store::NoticeState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kRepository = "https://example.org/acme/shop";
// Where nobody listens: below what the kernel gives out, and nobody's.
constexpr const char* kNowhere = "http://127.0.0.1:1/hook?token=hunter2hunter2";

class CourierTest : public testing::Test {
 protected:
  CourierTest() {
    keep("CI_HOOK", receiver_.url() + "/hook?a=b");
    keep("CI_KEY", "a key to sign with");
    start();
  }

  // As another server does, on what an earlier one left.
  void start() {
    courier_.emplace(
        Courier::Parts{.notices = *outbox_.notices,
                       .repositories = *outbox_.repositories,
                       .secrets = outbox_.secrets,
                       .clock = outbox_.clock,
                       .tell = [this](const std::string& line) { outbox_.told.push_back(line); },
                       .traces = traces_});
  }
  void keep(const std::string& name, const std::string& value) {
    outbox_.keep_secret({.repository = kRepository, .name = name}, value);
  }
  void add(Channel channel, const std::string& receiver, const std::string& detail = "CI_KEY",
           const std::string& body = R"({"is":"it"})") {
    ++sequence_;
    const std::vector<Notice> one = {{.id = "msg_" + std::to_string(sequence_),
                                      .run = 1,
                                      .sequence = sequence_,
                                      .repository = kRepository,
                                      .channel = channel,
                                      .receiver = receiver,
                                      .detail = detail,
                                      .summary = "shop: run 1 failed",
                                      .body = body,
                                      .made_at = outbox_.clock.now(),
                                      .at = outbox_.clock.now()}};
    ASSERT_TRUE(outbox_.notices->add(1, sequence_, one));
  }
  // Until nothing is due, as the thread does.
  base::TimePoint work() {
    base::TimePoint next = courier_->advance();
    while (next <= outbox_.clock.now()) next = courier_->advance();
    return next;
  }
  Notice notice(std::size_t at = 0) const { return outbox_.notices->list({})->at(at); }

  OutboxOfTests outbox_;
  support::Receiver receiver_;
  std::uint64_t sequence_ = 0;
  std::optional<trace::OtlpReceiver> traces_;
  std::optional<Courier> courier_;
};

TEST_F(CourierTest, TracesGoWhereTheServerIsToldNow) {
  add(Channel::traces, "127.0.0.1:4318", "", R"({"resourceSpans":[]})");
  traces_ = trace::OtlpReceiver{receiver_.url() + "/otlp/v1/traces", {{"api-key", "abc"}}};
  start();
  work();
  const auto received = receiver_.received();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].path, "/otlp/v1/traces");
  EXPECT_EQ(received[0].field("api-key"), "abc");
  EXPECT_EQ(received[0].body, R"({"resourceSpans":[]})");
  EXPECT_EQ(notice().state, NoticeState::sent);
}

TEST_F(CourierTest, TracesThatNobodyWantsAnyMoreAreGivenUp) {
  add(Channel::traces, "127.0.0.1:4318", "");
  work();
  EXPECT_EQ(notice().state, NoticeState::failed);
  EXPECT_THAT(outbox_.told, ElementsAre(HasSubstr("traces to 127.0.0.1:4318 is not told of run 1: "
                                                  "nobody wants traces any more; given up")));
}

TEST_F(CourierTest, DeliversWhatIsThere) {
  add(Channel::webhook, "CI_HOOK");
  add(Channel::slack, "CI_HOOK", "", R"({"text":"hello"})");
  work();
  const auto received = receiver_.received();
  ASSERT_EQ(received.size(), 2U);
  EXPECT_EQ(received[0].path, "/hook?a=b");
  EXPECT_EQ(received[0].body, R"({"is":"it"})");
  EXPECT_EQ(received[0].field("Content-Type"), "application/json");
  EXPECT_EQ(received[0].field("webhook-id"), "msg_1");
  EXPECT_THAT(received[0].field("webhook-signature"), testing::StartsWith("v1,"));
  EXPECT_EQ(received[1].body, R"({"text":"hello"})");
  EXPECT_EQ(received[1].field("webhook-id"), "");
  EXPECT_EQ(notice().state, NoticeState::sent);
  EXPECT_THAT(*outbox_.notices->next(10), IsEmpty());
  EXPECT_EQ(courier_->snapshot().sent["webhook"], 1U);
  EXPECT_EQ(courier_->snapshot().kept[NoticeState::sent], 2U);
  EXPECT_THAT(outbox_.told, IsEmpty());
}

TEST_F(CourierTest, TriesAgainWithTheSameIdAndASignatureOfItsOwnTime) {
  receiver_.answer_with({{503, "not now"}, {500, ""}});
  add(Channel::webhook, "CI_HOOK");
  EXPECT_EQ(work(), outbox_.clock.now() + seconds(5));
  EXPECT_THAT(outbox_.told,
              ElementsAre(AllOf(HasSubstr("webhook CI_HOOK is not told of run 1"),
                                HasSubstr("503: not now"), HasSubstr("again in 5s"))));
  EXPECT_THAT(receiver_.received(), testing::SizeIs(1));
  outbox_.clock.advance(seconds(5));
  work();
  outbox_.clock.advance(seconds(30));
  work();
  const auto received = receiver_.received();
  ASSERT_EQ(received.size(), 3U);
  for (const auto& one : received) EXPECT_EQ(one.field("webhook-id"), "msg_1");
  EXPECT_NE(received[0].field("webhook-timestamp"), received[2].field("webhook-timestamp"));
  EXPECT_EQ(notice().state, NoticeState::sent);
  EXPECT_EQ(notice().tries, 3U);
  EXPECT_EQ(notice().trouble, "");
}

TEST_F(CourierTest, GivesUpInTheEnd) {
  keep("CI_HOOK", kNowhere);
  add(Channel::webhook, "CI_HOOK");
  int passes = 0;
  for (; notice().state == NoticeState::waiting; ++passes) {
    ASSERT_LT(passes, 50);
    const base::TimePoint next = work();
    if (notice().state == NoticeState::waiting)
      outbox_.clock.advance(std::max(next, notice().at) - outbox_.clock.now());
  }
  EXPECT_EQ(notice().state, NoticeState::failed);
  EXPECT_EQ(notice().tries, 11U);
  EXPECT_THAT(outbox_.told.back(), HasSubstr("given up"));
  EXPECT_EQ(courier_->snapshot().given_up["webhook"], 1U);
  // Neither the log nor the listing says more of the address than where the server is.
  for (const std::string& line : outbox_.told) EXPECT_THAT(line, Not(HasSubstr("hunter2")));
  EXPECT_THAT(notice().trouble, Not(HasSubstr("hunter2")));
}

TEST_F(CourierTest, WhatIsRefusedForGoodIsNotTriedAgain) {
  receiver_.answer_with({{422, "what is that?"}});
  add(Channel::webhook, "CI_HOOK");
  work();
  EXPECT_EQ(notice().state, NoticeState::failed);
  EXPECT_THAT(notice().trouble, HasSubstr("422: what is that?"));
}

TEST_F(CourierTest, AReceiverThatIsSilentPutsOffItsOwnMessagesOnly) {
  keep("DEAD_HOOK", kNowhere);
  add(Channel::webhook, "DEAD_HOOK");
  add(Channel::webhook, "DEAD_HOOK");
  add(Channel::webhook, "CI_HOOK");
  work();
  EXPECT_THAT(receiver_.received(), testing::SizeIs(1));
  EXPECT_EQ(notice(0).state, NoticeState::sent);
  for (const std::size_t at : {1U, 2U}) {
    EXPECT_EQ(notice(at).state, NoticeState::waiting);
    EXPECT_EQ(notice(at).tries, 1U);
    EXPECT_EQ(notice(at).at, outbox_.clock.now() + seconds(5));
  }
}

TEST_F(CourierTest, ASecretThatIsMissingOrIsNoUrlCanBePutRight) {
  add(Channel::slack, "TEAM_SLACK", "");
  work();
  EXPECT_THAT(notice().trouble, HasSubstr("there is no secret \"TEAM_SLACK\""));
  keep("TEAM_SLACK", "not-a-url-but-secret");
  outbox_.clock.advance(seconds(5));
  work();
  EXPECT_THAT(notice().trouble, AllOf(HasSubstr("no URL"), Not(HasSubstr("not-a-url-but-secret"))));
  keep("TEAM_SLACK", receiver_.url());
  outbox_.clock.advance(seconds(30));
  work();
  EXPECT_EQ(notice().state, NoticeState::sent);
  EXPECT_EQ(receiver_.received().at(0).path, "/");
}

TEST_F(CourierTest, ASecretOfAllRepositoriesDoes) {
  outbox_.keep_secret({.repository = std::nullopt, .name = "ALL_SLACK"}, receiver_.url() + "/all");
  add(Channel::slack, "ALL_SLACK", "");
  work();
  EXPECT_EQ(receiver_.received().at(0).path, "/all");
}

TEST_F(CourierTest, AStatusGoesToTheForgeWithItsToken) {
  const store::RepositoryEntry entry{.name = "shop",
                                     .url = kRepository,
                                     .added_at = {},
                                     .forge = forge::Forge::github,
                                     .api_url = receiver_.url() + "/api/v3"};
  ASSERT_TRUE(outbox_.repositories->add(entry));
  add(Channel::status, "shop", "abc");
  work();
  EXPECT_THAT(notice().trouble, HasSubstr("there is no token for its forge"));
  outbox_.keep_secret(store::forge_token_of("shop"), "ghp_secret");
  outbox_.clock.advance(seconds(5));
  work();
  const auto received = receiver_.received();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].path, "/api/v3/repos/acme/shop/statuses/abc");
  EXPECT_EQ(received[0].field("Authorization"), "Bearer ghp_secret");
  EXPECT_EQ(received[0].field("X-GitHub-Api-Version"), "2022-11-28");
}

TEST_F(CourierTest, ARepositoryThatHasGoneIsToldNothing) {
  add(Channel::status, "shop", "abc");
  work();
  EXPECT_EQ(notice().state, NoticeState::failed);
}

TEST_F(CourierTest, WhatWasCutOffDoesNotCount) {
  add(Channel::webhook, "CI_HOOK");
  courier_->cut_off();
  courier_->advance();
  EXPECT_EQ(notice().tries, 0U);
  EXPECT_EQ(notice().state, NoticeState::waiting);
  start();
  work();
  EXPECT_EQ(notice().state, NoticeState::sent);
}

TEST_F(CourierTest, MailNeedsAServer) {
  add(Channel::mail, "team@example.org", "");
  work();
  EXPECT_THAT(notice().trouble, HasSubstr("[mail] in server.toml"));
}

TEST_F(CourierTest, OldOnesAreForgotten) {
  add(Channel::webhook, "CI_HOOK");
  work();
  outbox_.clock.advance(std::chrono::days(15));
  work();
  EXPECT_THAT(*outbox_.notices->list({}), IsEmpty());
}

}  // namespace
}  // namespace pipeline::serve
