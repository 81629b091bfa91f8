#include "agents/agent/remote_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/rollout/journal_json.h"

namespace pipeline::agent {
namespace {

using base::ErrorKind;
using base::Result;
using protocol::JournalAsk;
using protocol::JournalReply;
using testing::SizeIs;

const deploy::EnvironmentKey kProduction{"shop", "production"};
const rollout::Entry kEntry{.at = base::TimePoint(std::chrono::seconds(1)),
                            .body = rollout::ShutDown{}};

// A server that says what it is told to, one thing after the other, and then yes.
struct ScriptedServer {
  std::vector<ErrorKind> troubles;
  JournalReply reply{};
  std::vector<JournalAsk> asked{};
  std::uint32_t pauses = 0;

  RemoteJournal journal(std::uint32_t tries = 5, RemoteJournal::LocalPlace local = {}) {
    return {[this](const JournalAsk& ask) -> Result<JournalReply> {
              asked.push_back(ask);
              if (asked.size() > troubles.size()) return reply;
              return base::fail(troubles[asked.size() - 1], "no");
            },
            kProduction, Patience{.tries = tries, .pause = [this] { ++pauses; }}, std::move(local)};
  }
};

TEST(RemoteJournal, WaitsForAServerThatIsGone) {
  ScriptedServer server{
      {ErrorKind::unavailable, ErrorKind::timed_out, ErrorKind::not_found}};  // started again
  EXPECT_TRUE(server.journal().append(kProduction, 7, kEntry));
  EXPECT_EQ(server.pauses, 3U);
  ASSERT_THAT(server.asked, SizeIs(4));
  EXPECT_EQ(server.asked.back(), server.asked.front());
  EXPECT_EQ(server.asked.back().turn, 7U);
  EXPECT_EQ(server.asked.back().entry, rollout::to_json(kEntry));
}

TEST(RemoteJournal, DoesNotWaitForEver) {
  ScriptedServer server{std::vector<ErrorKind>(9, ErrorKind::unavailable)};
  const auto written = server.journal(4).append(kProduction, 7, kEntry);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind(), ErrorKind::unavailable);
  EXPECT_THAT(server.asked, SizeIs(4));
}

TEST(RemoteJournal, BelievesARefusal) {
  for (const ErrorKind kind : {ErrorKind::conflict, ErrorKind::invalid, ErrorKind::permission}) {
    ScriptedServer server{{kind}};
    EXPECT_EQ(server.journal().append(kProduction, 7, kEntry).error().kind(), kind);
    EXPECT_THAT(server.asked, SizeIs(1));
  }
}

TEST(RemoteJournal, IsOfOneEnvironment) {
  ScriptedServer server{};
  RemoteJournal journal = server.journal();
  const deploy::EnvironmentKey staging{"shop", "staging"};
  EXPECT_EQ(journal.append(staging, 7, kEntry).error().kind(), ErrorKind::invalid);
  EXPECT_EQ(journal.enqueue(staging).error().kind(), ErrorKind::invalid);
  EXPECT_EQ(journal.read({"blog", "production"}).error().kind(), ErrorKind::invalid);
  EXPECT_THAT(server.asked, SizeIs(0));
  EXPECT_TRUE(journal.read(staging)) << "the server knows whether it is promoted from";
  EXPECT_EQ(server.asked.back().environment, "staging");
}

TEST(RemoteJournal, HasWhatOperatorsHaveSet) {
  ScriptedServer server{};
  server.reply.settings["new-checkout"] = "off";
  EXPECT_EQ(server.journal().settings()->at("new-checkout").value, "off");
}

TEST(RemoteJournal, GivesItsPlaceUpOnce) {
  ScriptedServer server{};
  server.reply.turn = 3;
  RemoteJournal journal = server.journal();
  auto place = *journal.enqueue(kProduction);
  EXPECT_EQ(place->poll()->fence, 3U);
  EXPECT_EQ(place->poll()->fence, 3U);
  place.reset();
  ASSERT_THAT(server.asked, SizeIs(2));
  EXPECT_EQ(server.asked.back().kind, JournalAsk::Kind::leave);
}

// Two drivers on one machine: the server may have given the first one up, which has not heard it.
TEST(RemoteJournal, DoesNotOverlapWithAnotherOnTheMachine) {
  class Local final : public deploy::QueuePlace {
   public:
    explicit Local(const bool& is_free) : is_free_(is_free) {}
    Result<deploy::Turn> poll() override {
      if (is_free_) return deploy::Turn{1, {}};
      return deploy::Turn{std::nullopt, "pid 4711"};
    }

   private:
    const bool& is_free_;
  };
  bool is_free = false;
  ScriptedServer server{};
  server.reply.turn = 3;
  RemoteJournal journal = server.journal(5, [&](const deploy::EnvironmentKey& /*key*/) {
    return Result<std::unique_ptr<deploy::QueuePlace>>(std::make_unique<Local>(is_free));
  });
  const auto place = *journal.enqueue(kProduction);
  EXPECT_THAT(server.asked, SizeIs(1)) << "the one before has nothing to write any more";
  EXPECT_EQ(place->poll()->holder, "pid 4711");
  is_free = true;
  EXPECT_EQ(place->poll()->fence, 3U);
}

}  // namespace
}  // namespace pipeline::agent
