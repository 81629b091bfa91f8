#include "agents/link/remote/agent_desk.h"

#include "agents/link/remote/lease_file.h"
#include "pipelines/run/event_json.h"
#include "stages/host/file.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::link {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr base::Duration kLease{45s};

class Recorder final : public EventSink {
 public:
  void post(run::EventBody event) override { events.push_back(std::move(event)); }
  // "JobLeased a", and so on: what happened and the word that matters of it.
  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    for (const auto& event : events) {
      if (const auto* leased = std::get_if<run::JobLeased>(&event))
        lines.push_back("leased " + leased->worker);
      else if (std::holds_alternative<run::JobStarted>(event))
        lines.emplace_back("started");
      else if (const auto* finished = std::get_if<run::JobFinished>(&event))
        lines.push_back(std::string(run::to_string(finished->status)) + " " + finished->reason);
    }
    return lines;
  }

  std::vector<run::EventBody> events;
};

std::string report(std::uint64_t sequence, run::EventBody body) {
  return run::to_json({sequence, base::TimePoint(1000s), std::move(body)}) + "\n";
}

class AgentDeskTest : public testing::Test {
 protected:
  AgentDeskTest() {
    desk_->welcome("a", {});
    fs::create_directories(logs());
  }

  fs::path logs() const { return directory_.path() / "job.1"; }
  protocol::JobOrder order() const {
    protocol::JobOrder made;
    made.run = 7;
    made.job = "unit";
    made.log_directory = logs();
    return made;
  }
  void ask(const AgentName& agent = "a") {
    ticket_ = desk_->ask(
        agent, [this](protocol::Grant granted) { granted_.push_back(std::move(granted)); });
  }
  // The agent's word of the attempt it was granted.
  AttemptWord word() const { return {kAttempt, granted_.at(0).fence}; }
  void grant() {
    desk_->offer({.order = order()}, sink_);
    ask();
    ASSERT_THAT(granted_, SizeIs(1));
  }
  void lease() {
    grant();
    ASSERT_THAT(desk_->renew("a", {word()}), IsEmpty());
  }
  std::string refusal(const AttemptWord& word, std::string_view file) {
    const auto appended = desk_->append("a", word, file, 0, "x");
    return appended ? "" : appended.error().to_string();
  }
  // A server that was killed, and the one that comes after it.
  void restart() {
    desk_.emplace(clock_, kLease);
    sink_.events.clear();
  }

  static inline const AttemptKey kAttempt{7, "unit", 1};
  static constexpr const char* kReports = "events.jsonl";
  const std::string started_ = report(1, run::JobStarted{"unit", 1});
  const std::string finished_ =
      report(2, run::JobFinished{.job = "unit", .attempt = 1, .reason = ""});

  support::TemporaryDirectory directory_;
  support::ManualClock clock_;
  std::optional<AgentDesk> desk_{std::in_place, clock_, kLease};
  Recorder sink_;
  std::vector<protocol::Grant> granted_;
  Ticket ticket_ = 0;  // the last one
};

TEST_F(AgentDeskTest, AnAttemptGoesToAnAgentAndItsReportsComeBack) {
  lease();
  EXPECT_EQ(granted_[0].order.job, "unit");
  EXPECT_EQ(desk_->append("a", word(), "log", 0, "hello\n"), 6U);
  EXPECT_EQ(desk_->append("a", word(), kReports, 0, started_), started_.size());
  EXPECT_EQ(desk_->append("a", word(), "services/db/log", 0, "ready\n"), 6U);
  EXPECT_EQ(host::read_file(logs() / "log"), "hello\n");
  EXPECT_EQ(host::read_file(logs() / "services/db/log"), "ready\n");
  EXPECT_EQ(desk_->append("a", word(), kReports, started_.size(), finished_),
            started_.size() + finished_.size());
  EXPECT_THAT(sink_.told(), ElementsAre("leased a", "started", "succeeded "));
  // It is over: nothing more counts.
  EXPECT_EQ(refusal(word(), "log"), "the lease of this attempt is over");
}

TEST_F(AgentDeskTest, AJobThatAsksForNoLabelsNeedsThoseOfTheSettings) {
  desk_.emplace(clock_, kLease, std::vector<std::string>{"linux"});
  desk_->welcome("a", {});
  desk_->welcome("b", {"linux"});
  protocol::JobOrder plain = order();
  plain.work = protocol::CommandOrder{};
  desk_->offer({.order = plain}, sink_);
  ask("a");
  EXPECT_THAT(granted_, IsEmpty());
  ask("b");
  EXPECT_THAT(granted_, SizeIs(1));
}

TEST_F(AgentDeskTest, AGrantThatNobodyHeardIsGivenToAnother) {
  grant();
  EXPECT_THAT(sink_.told(), IsEmpty()) << "nobody has it yet";
  desk_->leave(ticket_);
  desk_->welcome("b", {});
  ask("b");
  ASSERT_THAT(granted_, SizeIs(2));
  // It was heard after all: too late.
  EXPECT_EQ(desk_->renew("a", {word()}).at(0).kind, Instruction::Kind::drop);
  EXPECT_THAT(desk_->renew("b", {{kAttempt, granted_[1].fence}}), IsEmpty());
  EXPECT_THAT(sink_.told(), ElementsAre("leased b"));
  // Whoever has it is not bothered by a listener that goes away then.
  desk_->leave(ticket_);
  EXPECT_THAT(desk_->renew("b", {{kAttempt, granted_[1].fence}}), IsEmpty());
}

TEST_F(AgentDeskTest, AGrantThatIsNotTakenInTimeIsGivenToAnother) {
  grant();
  clock_.advance(kLease);
  desk_->advance();
  EXPECT_THAT(sink_.told(), IsEmpty());
  ask();
  ASSERT_THAT(granted_, SizeIs(2));
  EXPECT_GT(granted_[1].fence, granted_[0].fence);
}

TEST_F(AgentDeskTest, AGrantThatIsNotTakenYetIsStoppedAtOnce) {
  grant();
  desk_->stop({.attempt = kAttempt, .reason = "cancelled by ann"});
  EXPECT_THAT(sink_.told(), ElementsAre("cancelled cancelled by ann"));
  EXPECT_EQ(desk_->renew("a", {word()}).at(0).kind, Instruction::Kind::drop);
}

TEST_F(AgentDeskTest, AnotherAgentsWordOfALeaseIsNone) {
  lease();
  EXPECT_EQ(desk_->renew("b", {word()}).at(0).kind, Instruction::Kind::drop);
  EXPECT_FALSE(desk_->append("b", word(), "log", 0, "x"));
  EXPECT_THAT(desk_->renew("a", {word()}), IsEmpty());
}

TEST_F(AgentDeskTest, NoLeaseOfAnEarlierServerHasTheFenceOfOneOfALater) {
  grant();
  clock_.advance(1s);
  restart();
  desk_->welcome("a", {});
  desk_->offer({.order = order()}, sink_);
  ask();
  EXPECT_GT(granted_.at(1).fence, granted_.at(0).fence);
}

TEST_F(AgentDeskTest, WhatIsSaidTwiceCountsOnce) {
  lease();
  EXPECT_EQ(desk_->append("a", word(), "log", 0, "abc"), 3U);
  EXPECT_EQ(desk_->append("a", word(), "log", 0, "abc"), 3U);
  EXPECT_EQ(desk_->append("a", word(), "log", 1, "bcdef"), 6U);
  // What lies between is not there yet.
  EXPECT_EQ(desk_->append("a", word(), "log", 9, "xyz"), 6U);
  EXPECT_EQ(host::read_file(logs() / "log"), "abcdef");
  // A report that comes in pieces, some of them twice, is one report.
  EXPECT_EQ(desk_->append("a", word(), kReports, 0, started_.substr(0, 5)), 5U);
  EXPECT_EQ(desk_->append("a", word(), kReports, 0, started_), started_.size());
  EXPECT_EQ(desk_->append("a", word(), kReports, 0, started_), started_.size());
  EXPECT_THAT(sink_.told(), ElementsAre("leased a", "started"));
}

TEST_F(AgentDeskTest, OnlyFilesOfTheAttemptAreWritten) {
  lease();
  const std::vector<std::string> files = {
      "",           "/etc/passwd", "../log", "a/../../log",           "a//b", "a/", ".hidden",
      "lease.json", "a b",         "a\nb",   std::string("log\0x", 5)};
  for (const std::string& file : files)
    EXPECT_EQ(refusal(word(), file), "\"" + file + "\" is no file of an attempt");
  EXPECT_EQ(refusal(word(), std::string(300, 'a')).substr(0, 4), "\"aaa");
  EXPECT_EQ(refusal(word(), "tests.json"), "");
  fs::create_symlink(directory_.path() / "elsewhere", logs() / "link");
  EXPECT_NE(refusal(word(), "link"), "");
  EXPECT_FALSE(fs::exists(directory_.path() / "elsewhere"));
}

TEST_F(AgentDeskTest, WhatNobodyHasIsStoppedAtOnce) {
  desk_->offer({.order = order()}, sink_);
  desk_->stop({.attempt = kAttempt, .reason = "cancelled by ann"});
  EXPECT_THAT(sink_.told(), ElementsAre("cancelled cancelled by ann"));
  ask();
  EXPECT_THAT(granted_, IsEmpty());
}

TEST_F(AgentDeskTest, AnAgentHearsOfAStopWithItsNextSign) {
  lease();
  EXPECT_THAT(desk_->renew("a", {word()}), IsEmpty());
  desk_->stop({.attempt = kAttempt, .as = run::JobStatus::timed_out, .reason = "after 10 s"});
  auto told = desk_->renew("a", {word()});
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].kind, Instruction::Kind::stop);
  EXPECT_EQ(told[0].as, run::JobStatus::timed_out);
  EXPECT_EQ(told[0].reason, "after 10 s");
  desk_->stop({.attempt = kAttempt, .kind = Instruction::Kind::stop_now, .reason = {}});
  EXPECT_EQ(desk_->renew("a", {word()}).at(0).kind, Instruction::Kind::stop_now);
}

TEST_F(AgentDeskTest, AnAgentThatIsNotHeardOfIsLost) {
  lease();
  const auto heard = clock_.now();
  clock_.advance(44s);
  desk_->advance();
  EXPECT_THAT(sink_.told(), ElementsAre("leased a"));
  EXPECT_EQ(desk_->deadline(), heard + kLease);
  clock_.advance(1s);
  desk_->advance();
  EXPECT_THAT(
      sink_.told(),
      ElementsAre("leased a", "errored agent lost: a (last heard 1971-01-01T00:00:00.000000Z)"));
  const auto told = desk_->renew("a", {word()});
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].kind, Instruction::Kind::drop);
  EXPECT_EQ(refusal(word(), kReports), "the lease of this attempt is over");
}

TEST_F(AgentDeskTest, WhatWasGivenUpNoLaterServerTakesUp) {
  lease();
  clock_.advance(45s);
  desk_->advance();
  restart();
  const auto reports = desk_->resume({"unit", 1, logs(), 7}, sink_);
  ASSERT_TRUE(reports);
  EXPECT_FALSE(*reports);
  EXPECT_EQ(refusal(word(), "log"), "the lease of this attempt is over");
}

TEST_F(AgentDeskTest, EveryWordKeepsTheLease) {
  lease();
  for (int i = 0; i < 10; ++i) {
    clock_.advance(30s);
    if (i % 2 == 0) {
      EXPECT_TRUE(desk_->append("a", word(), "log", 0, ""));
    } else {
      EXPECT_THAT(desk_->renew("a", {word()}), IsEmpty());
    }
    desk_->advance();
  }
  EXPECT_THAT(sink_.told(), ElementsAre("leased a"));
}

TEST_F(AgentDeskTest, ALeaseSurvivesItsServer) {
  lease();
  ASSERT_TRUE(desk_->append("a", word(), kReports, 0, started_));
  restart();
  const auto reports = desk_->resume({"unit", 1, logs(), 7}, sink_);
  ASSERT_TRUE(reports && *reports);
  EXPECT_THAT(**reports, SizeIs(1));
  // The agent goes on as if nothing had been, with what it does not know to be known.
  EXPECT_THAT(desk_->renew("a", {word()}), IsEmpty());
  EXPECT_TRUE(desk_->append("a", word(), kReports, 0, started_ + finished_));
  EXPECT_THAT(sink_.told(), ElementsAre("succeeded "));
}

TEST_F(AgentDeskTest, AnAttemptThatEndedWithoutAnybodyHearingIsHeardOfLater) {
  lease();
  ASSERT_TRUE(desk_->append("a", word(), kReports, 0, started_ + finished_));
  restart();
  const auto reports = desk_->resume({"unit", 1, logs(), 7}, sink_);
  ASSERT_TRUE(reports && *reports);
  EXPECT_THAT(**reports, SizeIs(2));
  EXPECT_EQ(refusal(word(), "log"), "the lease of this attempt is over");
}

TEST_F(AgentDeskTest, WhatNoAgentWasGivenIsNotTakenUp) {
  desk_->offer({.order = order()}, sink_);
  restart();
  const auto reports = desk_->resume({"unit", 1, logs(), 7}, sink_);
  ASSERT_TRUE(reports);
  EXPECT_FALSE(*reports);
  ASSERT_TRUE(host::write_file(logs() / kLeaseName, "{}\n"));
  EXPECT_EQ(desk_->resume({"unit", 1, logs(), 7}, sink_).error().kind(), base::ErrorKind::corrupt);
}

TEST_F(AgentDeskTest, AnAttemptWithoutAPlaceForItsLeaseIsNotRun) {
  auto nowhere = order();
  nowhere.log_directory = directory_.path() / "missing";
  desk_->offer({.order = nowhere}, sink_);
  ask();
  EXPECT_EQ(desk_->renew("a", {word()}).at(0).kind, Instruction::Kind::drop);
  ASSERT_THAT(sink_.told(), SizeIs(1));
  EXPECT_TRUE(sink_.told()[0].starts_with("errored failed to ")) << sink_.told()[0];
}

TEST_F(AgentDeskTest, AForgottenRunIsNotSpokenOf) {
  lease();
  desk_->forget(7);
  EXPECT_EQ(desk_->renew("a", {word()}).at(0).kind, Instruction::Kind::drop);
  EXPECT_NE(refusal(word(), "log"), "");
  EXPECT_THAT(sink_.told(), ElementsAre("leased a"));
}

class DeploymentsAtTheDesk : public AgentDeskTest {
 protected:
  DeploymentsAtTheDesk() {
    order_ = order();
    order_.pipeline = "shop";
    protocol::DeployOrder work{.environment = {}, .artifact = {}, .promote_from = "staging"};
    work.environment.name = "production";
    order_.work = work;
  }
  void lease_deployment() {
    desk_->offer({.order = order_}, sink_);
    ask();
    ASSERT_THAT(granted_, SizeIs(1));
    ASSERT_THAT(desk_->renew("a", {word()}), IsEmpty());
  }

  protocol::JobOrder order_;
  const DeployedPlace kPlace{"shop", "production", "staging"};
};

TEST_F(DeploymentsAtTheDesk, HaveAPlaceAsLongAsTheirLeaseLasts) {
  desk_->offer({.order = order_}, sink_);
  ask();
  EXPECT_FALSE(desk_->place_of("a", word())) << "it has not taken it yet";
  EXPECT_THAT(desk_->deployments(), IsEmpty());
  ASSERT_THAT(desk_->renew("a", {word()}), IsEmpty());
  EXPECT_EQ(desk_->place_of("a", word()), kPlace);
  EXPECT_THAT(desk_->deployments(), SizeIs(1));
  const auto kind_of = [&](const AgentName& agent, Fence fence) {
    return desk_->place_of(agent, {kAttempt, fence}).error().kind();
  };
  EXPECT_EQ(kind_of("b", word().fence), base::ErrorKind::conflict);
  EXPECT_EQ(kind_of("a", word().fence - 1), base::ErrorKind::conflict);
  clock_.advance(kLease);
  desk_->advance();
  EXPECT_EQ(kind_of("a", word().fence), base::ErrorKind::conflict);
  EXPECT_THAT(desk_->deployments(), IsEmpty());
}

TEST_F(DeploymentsAtTheDesk, KeepTheirPlaceWithANewServer) {
  lease_deployment();
  restart();
  ASSERT_TRUE(desk_->resume({"unit", 1, logs(), 7}, sink_));
  EXPECT_EQ(desk_->place_of("a", word()), kPlace);
  EXPECT_THAT(desk_->deployments(), SizeIs(1));
}

TEST_F(AgentDeskTest, WhatDoesNotDeployHasNoPlace) {
  lease();
  EXPECT_EQ(desk_->place_of("a", word()).error().kind(), base::ErrorKind::invalid);
  EXPECT_THAT(desk_->deployments(), IsEmpty());
}

}  // namespace
}  // namespace pipeline::link
