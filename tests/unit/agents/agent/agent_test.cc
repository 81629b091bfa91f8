// An agent whose server is played by the test.
#include "agents/agent/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "agents/link/ending.h"
#include "agents/link/report_file.h"
#include "stages/host/system_clock.h"
#include "stages/source/git_source.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::agent {
namespace {

using base::ErrorKind;
using base::Result;
using protocol::AttemptWord;
using protocol::Grant;
using protocol::Instruction;

const AttemptWord kWord{{7, "go", 1}, 41};

// What all connections of the agent share.
struct Played {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_over = false;                                        // the agent is stopped
  std::deque<Grant> grants;                                    // for those that ask
  std::deque<Result<std::vector<Instruction>>> confirmations;  // of heartbeats that name kWord
  std::map<std::string, std::string> files;                    // as they were brought
  std::vector<protocol::MachineState> machines;                // that heartbeats told of
  std::vector<std::string> told;                               // to the operator
  std::string program;                                         // the server's version
  std::size_t started = 0;                                     // jobs
  std::vector<protocol::JobOrder> orders;                      // of them
  std::size_t dying = 0;                                       // the first so many of them die
  std::size_t asked = 0;

  template <class Done>
  bool wait(Done done) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::minutes(1), done);
  }
};

class ScriptedServer final : public ServerPort {
 public:
  explicit ScriptedServer(Played& played) : played_(played) {}

  Result<protocol::Welcome> register_agent(const protocol::Hello& /*hello*/) override {
    const std::scoped_lock guard(played_.mutex);
    return protocol::Welcome{.heartbeat = std::chrono::hours(1),
                             .lease = std::chrono::hours(2),
                             .program = played_.program};
  }
  Result<> farewell() override { return {}; }
  Result<std::optional<Grant>> ask() override {
    std::unique_lock lock(played_.mutex);
    ++played_.asked;
    played_.changed.notify_all();
    played_.changed.wait(lock, [&] { return is_cancelled_ || !played_.grants.empty(); });
    if (is_cancelled_) return base::fail(ErrorKind::cancelled, "cancelled");
    Grant grant = std::move(played_.grants.front());
    played_.grants.pop_front();
    return grant;
  }
  Result<std::vector<Instruction>> heartbeat(const protocol::Heartbeat& heartbeat) override {
    const std::scoped_lock guard(played_.mutex);
    if (heartbeat.machine) {
      played_.machines.push_back(*heartbeat.machine);
      played_.changed.notify_all();
    }
    if (heartbeat.attempts != std::vector{kWord} || played_.confirmations.empty())
      return std::vector<Instruction>();
    auto answer = std::move(played_.confirmations.front());
    played_.confirmations.pop_front();
    return answer;
  }
  Result<std::uint64_t> append(const AttemptWord& /*word*/, const std::string& file,
                               std::uint64_t offset, std::string_view bytes) override {
    const std::scoped_lock guard(played_.mutex);
    std::string& there = played_.files[file];
    if (offset == there.size()) there += bytes;
    played_.changed.notify_all();
    return there.size();
  }
  Result<bool> has(BlobKind /*kind*/, const base::Digest& /*digest*/) override { return true; }
  Result<> put(BlobKind /*kind*/, const base::Digest& /*digest*/,
               const std::filesystem::path& /*file*/) override {
    return {};
  }
  Result<> get(BlobKind /*kind*/, const base::Digest& /*digest*/,
               const std::filesystem::path& /*file*/) override {
    return {};
  }
  std::string url_of(const std::string& trees) const override { return trees; }
  void cancel() override {
    const std::scoped_lock guard(played_.mutex);
    is_cancelled_ = true;
    played_.changed.notify_all();
  }

 private:
  Played& played_;
  bool is_cancelled_ = false;
};

// Counts what is started; of earlier agents it knows nothing.
class CountingLink final : public link::Link {
 public:
  explicit CountingLink(Played& played) : played_(played) {}
  void start(protocol::JobOrder order, link::EventSink& sink) override {
    const std::scoped_lock guard(played_.mutex);
    ++played_.started;
    // What a link says of a supervisor that died: nobody has written it down.
    if (played_.started <= played_.dying)
      sink.post(link::ending(order.job, order.attempt, run::JobStatus::errored, "died"));
    played_.orders.push_back(std::move(order));
    played_.changed.notify_all();
  }
  void stop(const std::string& /*job*/, std::uint32_t /*attempt*/, run::JobStatus /*as*/,
            const std::string& /*reason*/) override {}
  void stop_now(const std::string& /*job*/, std::uint32_t /*attempt*/) override {}

 private:
  Played& played_;
};

class AgentTest : public testing::Test {
 protected:
  AgentTest() {
    std::filesystem::create_directories(directory_.path() / "scratch");
    settings_.hello.agent = "a";
  }
  ~AgentTest() override {
    stop_.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  void start() {
    thread_ = std::thread([this] { (void)run_agent(settings_, tools_, stop_.get_token()); });
  }
  static Grant grant() {
    Grant grant{.fence = kWord.fence};
    grant.order.run = kWord.attempt.run;
    grant.order.job = kWord.attempt.job;
    grant.order.work = protocol::ApprovalOrder{};
    return grant;
  }

  support::TemporaryDirectory directory_;
  Played played_;
  const AttemptKeep keep_{directory_.path() / "attempts"};
  AgentSettings settings_;

 private:
  host::SystemClock clock_;
  std::unique_ptr<source::Source> source_ =
      source::make_git_source(directory_.path() / "mirrors", directory_.path() / "trees");
  workspace::LayerStore layers_{directory_.path() / "layers"};
  artifact::ArtifactStore artifacts_{directory_.path() / "artifacts"};
  Supplies supplies_{*source_,
                     layers_,
                     artifacts_,
                     {.mirrors = directory_.path() / "mirrors",
                      .trees = directory_.path() / "trees",
                      .scratch = directory_.path() / "scratch"}};
  AgentTools tools_{.connect = [this] { return std::make_unique<ScriptedServer>(played_); },
                    .make_link = [this]() -> Result<std::unique_ptr<link::Link>> {
                      return std::make_unique<CountingLink>(played_);
                    },
                    .keep = keep_,
                    .supplies = supplies_,
                    .clock = clock_,
                    .tell =
                        [this](const std::string& line) {
                          const std::scoped_lock guard(played_.mutex);
                          played_.told.push_back(line);
                          played_.changed.notify_all();
                        },
                    .look_at_machine = [] { return protocol::MachineState{.disk_free = 7}; },
                    .journal = {.server = "http://server", .token = "secret", .agent = "a"}};
  std::stop_source stop_;
  std::thread thread_;
};

TEST_F(AgentTest, RunsWhatItWasGranted) {
  played_.grants.push_back(grant());
  start();
  EXPECT_TRUE(played_.wait([&] { return played_.started == 1; }));
}

TEST_F(AgentTest, TellsOfItsMachineSoon) {
  start();
  EXPECT_TRUE(played_.wait([&] { return !played_.machines.empty(); }));
  EXPECT_EQ(played_.machines.front().disk_free, 7U);
}

TEST_F(AgentTest, SaysThatTheServerIsNewer) {
  settings_.hello.program = "1.0.0";
  played_.program = "1.1.0";
  start();
  EXPECT_TRUE(played_.wait([&] { return !played_.told.empty(); }));
  EXPECT_EQ(played_.told.front(),
            "the server has version 1.1.0, this agent 1.0.0: install the same on this machine");
}

// The server may have heard that it was taken: giving it up would leave it to nobody.
TEST_F(AgentTest, AConfirmationWithoutAnAnswerIsRepeated) {
  played_.grants.push_back(grant());
  played_.confirmations.emplace_back(base::fail(ErrorKind::unavailable, "no answer"));
  start();
  EXPECT_TRUE(played_.wait([&] { return played_.started == 1; }));
}

TEST_F(AgentTest, WhatIsNotItsOwnItDoesNotRun) {
  played_.grants.push_back(grant());
  played_.confirmations.emplace_back(std::vector<Instruction>{
      {.attempt = kWord.attempt, .kind = Instruction::Kind::drop, .reason = {}}});
  start();
  EXPECT_TRUE(played_.wait([&] { return played_.asked >= 2; }));
  EXPECT_EQ(played_.started, 0U);
  EXPECT_TRUE(keep_.all()->empty());
}

TEST_F(AgentTest, WhatAnEarlierOneDidNotBeginIsSaidToBeUnstarted) {
  ASSERT_TRUE(keep_.keep(kWord));
  start();
  EXPECT_TRUE(played_.wait([&] {
    for (const auto& [name, text] : played_.files)
      if (text.find("\"unstarted\":true") != std::string::npos) return true;
    return false;
  }));
}

class AgentThatDeploys : public AgentTest {
 protected:
  static Grant deployment() {
    Grant granted = grant();
    protocol::DeployOrder work{.environment = {}, .artifact = {}, .promote_from = {}};
    work.environment.name = "production";
    granted.order.work = work;
    return granted;
  }
  bool comes(const std::string& text) {
    return played_.wait([&] {
      return std::ranges::any_of(played_.files, [&](const auto& file) {
        return file.second.find(text) != std::string::npos;
      });
    });
  }
};

TEST_F(AgentThatDeploys, GivesTheDriverItsWayToTheJournal) {
  played_.grants.push_back(deployment());
  start();
  ASSERT_TRUE(played_.wait([&] { return played_.started == 1; }));
  const auto& work = std::get<protocol::DeployOrder>(played_.orders.at(0).work);
  ASSERT_TRUE(work.journal);
  EXPECT_EQ(work.journal->server, "http://server");
  EXPECT_EQ(work.journal->token, "secret");
  EXPECT_EQ(work.journal->agent, "a");
  EXPECT_EQ(work.journal->fence, kWord.fence);
  // The token is kept in memory alone.
  const auto kept = keep_.all();
  ASSERT_EQ(kept->size(), 1U);
  const auto order = AttemptKeep::order_of(kept->front());
  ASSERT_TRUE(order && *order);
  EXPECT_FALSE(std::get<protocol::DeployOrder>((*order)->work).journal);
}

TEST_F(AgentThatDeploys, DrivesOnWhenADriverDied) {
  played_.dying = 2;
  played_.grants.push_back(deployment());
  start();
  EXPECT_TRUE(played_.wait([&] { return played_.started == 3; }));
  const auto& again = std::get<protocol::DeployOrder>(played_.orders.at(2).work);
  EXPECT_EQ(again.environment.name, "production");
  EXPECT_TRUE(again.journal);
}

TEST_F(AgentThatDeploys, DoesNotFeedWhatKillsEveryDriver) {
  played_.dying = 100;
  played_.grants.push_back(deployment());
  start();
  EXPECT_TRUE(comes("\"reason\":\"died\""));
  EXPECT_EQ(played_.started, 5U);
}

TEST_F(AgentThatDeploys, GoesOnWithWhatAnEarlierOneBegan) {
  const auto kept = keep_.keep(kWord);
  ASSERT_TRUE(kept);
  ASSERT_TRUE(AttemptKeep::keep_order(*kept, deployment().order));
  start();
  EXPECT_TRUE(played_.wait([&] { return played_.started == 1; }));
}

TEST_F(AgentTest, AnyOtherJobThatDiedIsOver) {
  played_.dying = 1;
  played_.grants.push_back(grant());
  start();
  EXPECT_TRUE(played_.wait([&] {
    return std::ranges::any_of(played_.files, [](const auto& file) {
      return file.second.find("died") != std::string::npos;
    });
  }));
  EXPECT_EQ(played_.started, 1U);
}

}  // namespace
}  // namespace pipeline::agent
