#include "runner/server/agents/journal_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/rollout/journal_json.h"
#include "tests/support/deploy/memory_journal.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::server {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;
using link::AttemptWord;
using protocol::JournalAsk;
using protocol::JournalReply;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using Kind = JournalAsk::Kind;

constexpr base::Duration kLease{45s};
const deploy::EnvironmentKey kProduction{"shop", "production"};

class Deaf final : public link::EventSink {
 public:
  void post(run::EventBody /*event*/) override {}
};

std::string entry(std::int64_t at) {
  rollout::Release release;
  release.number = 1;
  return rollout::to_json({.at = base::TimePoint(std::chrono::microseconds(at)),
                           .body = rollout::Opened{.release = release, .before = {}}});
}

class JournalDeskTest : public testing::Test {
 protected:
  JournalDeskTest() { start(); }

  // As a server does, on what an earlier one left.
  void start() {
    journal_desk_.reset();
    desk_.emplace(clock_, kLease);
    desk_->welcome("a", {});
    desk_->welcome("b", {});
    journal_desk_.emplace(*desk_, JournalDesk::Tools{.journal = [this] { return &journal_; },
                                                     .settings =
                                                         [](const deploy::EnvironmentKey&) {
                                                           toggle::Settings settings;
                                                           settings["new-checkout"].value = "on";
                                                           return settings;
                                                         }});
  }
  // A deployment to production by run `run`, which the agent has.
  AttemptWord lease(run::RunId run, const link::AgentName& agent,
                    protocol::DeployAction action = protocol::DeployAction::deploy) {
    protocol::JobOrder order;
    order.run = run;
    order.job = "production";
    order.pipeline = "shop";
    order.log_directory = logs(run);
    std::filesystem::create_directories(order.log_directory);
    protocol::DeployOrder work{.environment = {}, .artifact = {}, .promote_from = "staging"};
    work.environment.name = "production";
    work.action = action;
    order.work = work;
    desk_->offer({.order = order}, sink_);
    AttemptWord word{{run, "production", 1}, 0};
    desk_->ask(agent, [&](const protocol::Grant& grant) { word.fence = grant.fence; });
    EXPECT_THAT(desk_->renew(agent, {word}), IsEmpty());
    return word;
  }
  std::filesystem::path logs(run::RunId run) const {
    return directory_.path() / std::to_string(run);
  }
  std::optional<std::uint64_t> turn(const link::AgentName& agent, const AttemptWord& word) {
    const auto reply = journal_desk_->answer(agent, word, {.kind = Kind::turn});
    EXPECT_TRUE(reply) << reply.error().to_string();
    return reply ? reply->turn : std::nullopt;
  }
  base::Result<JournalReply> append(const link::AgentName& agent, const AttemptWord& word,
                                    std::uint64_t turn, std::int64_t at) {
    return journal_desk_->answer(agent, word,
                                 {.kind = Kind::append, .turn = turn, .entry = entry(at)});
  }
  // What is there, whoever asks.
  std::size_t entries() { return journal_.read(kProduction)->size(); }

  support::TemporaryDirectory directory_;
  support::ManualClock clock_;
  support::JournalDisk disk_;
  support::MemoryJournal journal_{disk_};
  Deaf sink_;
  std::optional<link::AgentDesk> desk_;
  std::optional<JournalDesk> journal_desk_;
};

TEST_F(JournalDeskTest, TheHolderOfTheLeaseReadsAndWrites) {
  const AttemptWord word = lease(1, "a");
  const auto number = turn("a", word);
  ASSERT_TRUE(number);
  EXPECT_EQ(turn("a", word), number);
  ASSERT_TRUE(append("a", word, *number, 1));
  // Its reply was lost.
  ASSERT_TRUE(append("a", word, *number, 1));
  ASSERT_TRUE(append("a", word, *number, 2));
  const auto read = journal_desk_->answer("a", word, {.kind = Kind::read});
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_THAT(read->entries, ElementsAre(entry(1), entry(2)));
  EXPECT_EQ(read->holder, "pid 1");
  EXPECT_EQ(read->newest, 2U);
  EXPECT_THAT(journal_desk_->answer("a", word, {.kind = Kind::settings})->settings,
              ElementsAre(Pair("new-checkout", "on")));
}

TEST_F(JournalDeskTest, NobodyElseDoes) {
  const AttemptWord word = lease(1, "a");
  const auto number = turn("a", word).value();
  for (const auto kind : {Kind::turn, Kind::append, Kind::read, Kind::settings, Kind::leave}) {
    const JournalAsk ask{.kind = kind, .turn = number, .entry = entry(1)};
    const auto refusal = [&](const link::AgentName& agent, const AttemptWord& said) {
      const auto reply = journal_desk_->answer(agent, said, ask);
      return reply ? "" : to_string(reply.error().kind());
    };
    EXPECT_EQ(refusal("b", word), "conflict");
    EXPECT_EQ(refusal("a", {word.attempt, word.fence - 1}), "conflict");
    EXPECT_EQ(refusal("a", {{2, "production", 1}, word.fence}), "conflict");
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(JournalDeskTest, OnlyWhatItPromotesFromIsReadBeside) {
  const AttemptWord word = lease(1, "a");
  const auto read = [&](const std::string& environment) {
    return journal_desk_->answer("a", word, {.kind = Kind::read, .environment = environment});
  };
  EXPECT_TRUE(read("staging"));
  EXPECT_TRUE(read("production"));
  EXPECT_EQ(read("secret").error().kind(), ErrorKind::invalid);
  EXPECT_EQ(journal_desk_->answer("a", word, {.kind = Kind::append, .entry = "{"}).error().kind(),
            ErrorKind::corrupt);
}

// The one who was thought lost must not write into what the next one does.
TEST_F(JournalDeskTest, WhoOnlyLooksWritesNothing) {
  const AttemptWord word = lease(1, "a", protocol::DeployAction::look);
  const auto expect_reader = [&] {
    EXPECT_TRUE(journal_desk_->answer("a", word, {.kind = Kind::read}));
    for (const auto kind : {Kind::turn, Kind::append}) {
      const auto refused =
          journal_desk_->answer("a", word, {.kind = kind, .turn = 1, .entry = entry(1)});
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().kind(), ErrorKind::invalid);
    }
  };
  expect_reader();
  // Nor does it at the next server, where it has no place in the queue either.
  start();
  ASSERT_TRUE(desk_->resume({"production", 1, logs(1), 1}, sink_));
  ASSERT_TRUE(journal_desk_->take_up());
  expect_reader();
  EXPECT_TRUE((*journal_.enqueue(kProduction))->poll()->fence);
}

TEST_F(JournalDeskTest, ALeaseThatIsOverIsRefusedAndItsPlaceIsFree) {
  const AttemptWord lost = lease(1, "a");
  const auto stale = turn("a", lost).value();
  ASSERT_TRUE(append("a", lost, stale, 1));
  clock_.advance(kLease);
  desk_->advance();
  EXPECT_EQ(append("a", lost, stale, 2).error().kind(), ErrorKind::conflict);
  const AttemptWord next = lease(2, "b");
  const auto current = turn("b", next);
  ASSERT_TRUE(current);
  EXPECT_GT(*current, stale);
  EXPECT_EQ(append("a", lost, stale, 2).error().kind(), ErrorKind::conflict);
  EXPECT_EQ(append("b", next, stale, 2).error().kind(), ErrorKind::conflict)
      << "a turn that is another's";
  EXPECT_TRUE(append("b", next, *current, 2));
  EXPECT_EQ(entries(), 2U);
}

TEST_F(JournalDeskTest, APlaceThatIsGivenUpIsFree) {
  const AttemptWord word = lease(1, "a");
  ASSERT_TRUE(turn("a", word));
  const auto waiting = *journal_.enqueue(kProduction);
  EXPECT_FALSE(waiting->poll()->fence);
  ASSERT_TRUE(journal_desk_->answer("a", word, {.kind = Kind::leave}));
  EXPECT_TRUE(waiting->poll()->fence);
}

TEST_F(JournalDeskTest, PlacesOfLostAgentsAreSweptAway) {
  ASSERT_TRUE(turn("a", lease(1, "a")));
  const auto waiting = *journal_.enqueue(kProduction);
  journal_desk_->sweep();
  EXPECT_FALSE(waiting->poll()->fence);
  clock_.advance(kLease);
  desk_->advance();
  journal_desk_->sweep();
  EXPECT_TRUE(waiting->poll()->fence);
}

TEST_F(JournalDeskTest, ADriverGoesOnWithItsTurnAtTheNextServer) {
  const AttemptWord word = lease(1, "a");
  const auto number = turn("a", word).value();
  ASSERT_TRUE(append("a", word, number, 1));
  start();
  ASSERT_TRUE(desk_->resume({"production", 1, logs(1), 1}, sink_));
  ASSERT_TRUE(journal_desk_->take_up());
  // Nobody gets before it, though it has not said a word yet.
  const auto other = *journal_.enqueue(kProduction);
  EXPECT_FALSE(other->poll()->fence);
  EXPECT_TRUE(append("a", word, number, 2));
  EXPECT_EQ(entries(), 2U);
}

}  // namespace
}  // namespace pipeline::server
