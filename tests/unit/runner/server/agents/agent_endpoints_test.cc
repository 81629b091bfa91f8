#include "runner/server/agents/agent_endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/protocol/agent_messages_json.h"
#include "pipelines/run/event_json.h"
#include "runner/server/api/json_call.h"
#include "stages/host/file.h"
#include "tests/support/exchange/held_exchange.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::server {
namespace {

using namespace std::chrono_literals;
using api::Caller;
using link::AttemptKey;
using link::Instruction;
using support::request;
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

class Sink final : public link::EventSink {
 public:
  void post(run::EventBody event) override { events.push_back(std::move(event)); }
  std::vector<run::EventBody> events;
};

// The token is the scope, with a dash and a name where there are several.
std::optional<Caller> authenticate(std::string_view token) {
  const auto scope = api::scope_of(token.substr(0, token.find('-')));
  if (!scope) return std::nullopt;
  Caller caller{std::string(token), {*scope}};
  if (token == "agent-windows") caller.labels = {"windows"};
  return caller;
}

class AgentEndpointsTest : public testing::Test {
 protected:
  std::shared_ptr<support::HeldExchange> ask(std::string method, std::string_view target,
                                             std::string body = "",
                                             const std::string& token = "agent") {
    return support::ask(router_, request(std::move(method), target, token, std::move(body)));
  }
  std::string told(std::string method, std::string_view target, std::string body = "",
                   const std::string& token = "agent") {
    const auto exchange = ask(std::move(method), target, std::move(body), token);
    if (!exchange->answered) return "nothing yet";
    return std::to_string(exchange->answered->status) + " " + exchange->answered->body;
  }
  std::string hello(const std::string& name, const std::string& token = "agent") {
    return told("POST", "/api/v1/agents",
                to_json(protocol::Hello{.agent = name, .labels = {"linux"}}), token);
  }
  void offer() {
    protocol::JobOrder order;
    order.run = 7;
    order.job = "unit[os=a/b]";
    order.log_directory = directory_.path();
    desk_.offer({.order = order}, sink_);
  }
  // What the agent was granted.
  static protocol::Grant grant_in(const support::HeldExchange& exchange) {
    return protocol::message_from_json<protocol::Grant>(exchange.answered.value().body).value();
  }
  protocol::Grant granted() {
    offer();
    return grant_in(*ask("POST", "/api/v1/agents/a/lease"));
  }
  std::string beat(const protocol::Grant& grant) {
    return told("POST", "/api/v1/agents/a/heartbeat",
                to_json(protocol::Heartbeat{{{kAttempt, grant.fence}}}));
  }
  static std::string place(const protocol::Grant& grant, const std::string& file,
                           std::size_t offset) {
    return "/api/v1/agents/a/files?run=7&job=unit%5Bos%3Da%2Fb%5D&attempt=1&fence=" +
           std::to_string(grant.fence) + "&file=" + file + "&offset=" + std::to_string(offset);
  }

  static inline const AttemptKey kAttempt{7, "unit[os=a/b]", 1};
  const AgentTimes times_{};
  support::TemporaryDirectory directory_;
  support::ManualClock clock_;
  Sink sink_;
  link::AgentDesk desk_{clock_, times_.lease};
  std::vector<link::AttemptWord> journal_asked_;  // by whoever speaks for himself
  std::vector<std::string> grown_;                // whose log
  AgentEndpoints agents_{desk_,
                         clock_,
                         times_,
                         "",
                         {.answer_journal =
                              [this](const api::Call& call, const link::AttemptWord& word,
                                     const protocol::JournalAsk&) {
                                journal_asked_.push_back(word);
                                api::answer_nothing(call);
                              },
                          .on_append =
                              [this](auto run, const auto& job) {
                                grown_.push_back(std::to_string(run) + " " + job);
                              }}};
  api::Router router_{agents_.endpoints(), &authenticate, clock_};
};

TEST_F(AgentEndpointsTest, AJournalIsAskedForByTheAgentThatIsNamed) {
  hello("a");
  const std::string place =
      "/api/v1/agents/a/journal?run=7&job=unit%5Bos%3Da%2Fb%5D&attempt=1&fence=41";
  const std::string ask = to_json(protocol::JournalAsk{});
  EXPECT_THAT(told("POST", place, ask, "agent-other"), HasSubstr("404 "));
  EXPECT_THAT(told("POST", place, ask, "deploy"), HasSubstr("403 "));
  EXPECT_THAT(told("POST", place, "[]"), HasSubstr("422 "));
  EXPECT_THAT(told("POST", "/api/v1/agents/a/journal", ask), HasSubstr("422 "));
  EXPECT_TRUE(journal_asked_.empty());
  EXPECT_EQ(told("POST", place, ask), "204 ");
  EXPECT_EQ(journal_asked_, (std::vector{link::AttemptWord{kAttempt, 41}}));
}

TEST_F(AgentEndpointsTest, AnAgentTakesAJobAndBringsItBack) {
  EXPECT_EQ(hello("a"), "200 " + to_json(protocol::Welcome{.heartbeat = 10s, .lease = 45s}));
  const auto waits = ask("POST", "/api/v1/agents/a/lease");
  EXPECT_FALSE(waits->answered);
  offer();
  const protocol::Grant grant = grant_in(*waits);
  EXPECT_EQ(grant.order.job, kAttempt.job);
  EXPECT_EQ(beat(grant), "200 " + to_json(protocol::HeartbeatReply{}));
  EXPECT_EQ(told("PUT", place(grant, "log", 0), "hello\n"), "200 {\"size\":6}");
  EXPECT_EQ(told("PUT", place(grant, "log", 6), "there\n"), "200 {\"size\":12}");
  EXPECT_EQ(host::read_file(directory_.path() / "log"), "hello\nthere\n");
  run::JobFinished finished;
  finished.job = kAttempt.job;
  EXPECT_EQ(
      told("PUT", place(grant, "events.jsonl", 0), run::to_json({1, clock_.now(), finished}) + "\n")
          .substr(0, 4),
      "200 ");
  ASSERT_THAT(sink_.events, SizeIs(2));
  EXPECT_TRUE(std::holds_alternative<run::JobLeased>(sink_.events[0]));
  EXPECT_TRUE(std::holds_alternative<run::JobFinished>(sink_.events[1]));
  EXPECT_THAT(grown_, Each("7 unit[os=a/b]"));
  EXPECT_THAT(grown_, SizeIs(3));
  EXPECT_THAT(told("PUT", place(grant, "log", 12), "late"), HasSubstr("409 "));
  EXPECT_THAT(grown_, SizeIs(3));
}

TEST_F(AgentEndpointsTest, AnAskWithoutWorkIsAnsweredAfterAWhile) {
  hello("a");
  const auto waits = ask("POST", "/api/v1/agents/a/lease");
  EXPECT_EQ(agents_.deadline(), clock_.now() + times_.poll);
  clock_.advance(times_.poll - 1s);
  agents_.advance();
  EXPECT_FALSE(waits->answered);
  clock_.advance(1s);
  agents_.advance();
  EXPECT_EQ(waits->answered.value().status, 204U);
  EXPECT_EQ(agents_.deadline(), std::nullopt);
  // The ticket is gone too: the next offer waits for the next ask.
  offer();
  EXPECT_TRUE(ask("POST", "/api/v1/agents/a/lease")->answered);
}

TEST_F(AgentEndpointsTest, AnAgentThatLeavesBeforeItHeardOfItsJobDoesNotLoseIt) {
  hello("a");
  hello("b");
  const auto waits = ask("POST", "/api/v1/agents/a/lease");
  offer();
  ASSERT_TRUE(waits->answered);
  waits->leave();  // while it was being sent
  EXPECT_TRUE(ask("POST", "/api/v1/agents/b/lease")->answered);
  EXPECT_TRUE(sink_.events.empty());
  const auto gone = ask("POST", "/api/v1/agents/a/lease");
  gone->leave();
  EXPECT_EQ(agents_.deadline(), std::nullopt);
}

TEST_F(AgentEndpointsTest, NobodySpeaksForAnother) {
  const std::string unknown = "this agent is not known here: it has to register";
  EXPECT_THAT(told("POST", "/api/v1/agents/a/lease"), HasSubstr(unknown));
  hello("a", "agent-1");
  EXPECT_THAT(told("POST", "/api/v1/agents/a/lease", "", "agent-2"), HasSubstr(unknown));
  EXPECT_THAT(told("POST", "/api/v1/agents/a/heartbeat", "{}", "agent-2"), HasSubstr(unknown));
  EXPECT_THAT(told("DELETE", "/api/v1/agents/a", "", "agent-2"), HasSubstr(unknown));
  EXPECT_THAT(told("POST", "/api/v1/agents/a/lease", "", "run"), HasSubstr("403 "));
  EXPECT_THAT(hello("a", "agent-2"), HasSubstr("another agent is called a"));
  // Until it has not been heard of for as long as a lease.
  clock_.advance(times_.lease);
  EXPECT_THAT(hello("a", "agent-2"), HasSubstr("200 "));
  EXPECT_THAT(told("POST", "/api/v1/agents/a/heartbeat", "{}", "agent-1"), HasSubstr(unknown));
}

TEST_F(AgentEndpointsTest, ATokenSaysWhichLabelsItsAgentsMayHave) {
  EXPECT_THAT(hello("a", "agent-windows"),
              AllOf(HasSubstr("403 "), HasSubstr("this token is for no agent with label linux"),
                    HasSubstr("may have: windows")));
  const auto named = [&](std::vector<std::string> labels) {
    return told("POST", "/api/v1/agents",
                to_json(protocol::Hello{.agent = "a", .labels = std::move(labels)}),
                "agent-windows");
  };
  EXPECT_THAT(named({"windows", "linux"}), HasSubstr("403 "));
  EXPECT_THAT(named({"windows"}), HasSubstr("200 "));
  EXPECT_THAT(named({}), HasSubstr("200 "));
}

TEST_F(AgentEndpointsTest, WhatIsNoMessageIsRefused) {
  EXPECT_THAT(told("POST", "/api/v1/agents", "{"), HasSubstr("422 "));
  EXPECT_THAT(hello("../a"), HasSubstr("cannot be the name of an agent"));
  EXPECT_THAT(told("POST", "/api/v1/agents", to_json(protocol::Hello{.major = 2, .agent = "a"})),
              HasSubstr("the agent speaks version 2.3 of the protocol, this server version 1.3"));
  hello("a");
  const auto grant = granted();
  EXPECT_THAT(told("POST", "/api/v1/agents/a/heartbeat", "[]"), HasSubstr("422 "));
  EXPECT_THAT(told("PUT", "/api/v1/agents/a/files?run=7&job=unit", "x"),
              HasSubstr("the query needs a number called attempt"));
  EXPECT_THAT(told("PUT", place(grant, "..%2Flog", 0), "x"), HasSubstr("422 "));
  EXPECT_THAT(told("PUT", place(grant, "log", 0) + "1x", "x"), HasSubstr("422 "));
}

TEST_F(AgentEndpointsTest, APausedAgentGetsNoWork) {
  hello("a");
  EXPECT_THAT(told("POST", "/api/v1/agents/a/pause", "", "read"), HasSubstr("403 "));
  EXPECT_THAT(told("POST", "/api/v1/agents/b/pause", "", "admin"), HasSubstr("404 "));
  EXPECT_THAT(told("POST", "/api/v1/agents/a/pause", "", "admin"), HasSubstr("\"paused\""));
  offer();
  const auto waits = ask("POST", "/api/v1/agents/a/lease");
  EXPECT_FALSE(waits->answered);
  EXPECT_THAT(told("POST", "/api/v1/agents/a/resume", "", "admin"), HasSubstr("\"ready\""));
  EXPECT_TRUE(waits->answered);
}

TEST_F(AgentEndpointsTest, TheListSaysWhoIsHere) {
  hello("a");
  EXPECT_EQ(told("GET", "/api/v1/agents", "", "read"),
            R"(200 {"agents":[{"name":"a","state":"ready","labels":["linux"],"slots":1,)"
            R"("version":"","heard_at":"1971-01-01T00:00:00.000000Z"}]})"
            "\n");
  clock_.advance(times_.lease);
  EXPECT_THAT(told("GET", "/api/v1/agents", "", "read"), HasSubstr(R"("state":"gone")"));
  EXPECT_EQ(told("DELETE", "/api/v1/agents/a"), "204 ");
  EXPECT_EQ(told("GET", "/api/v1/agents", "", "read"), "200 {\"agents\":[]}\n");
}

TEST_F(AgentEndpointsTest, AServerThatCloses) {
  hello("a");
  const auto waits = ask("POST", "/api/v1/agents/a/lease");
  agents_.close();
  EXPECT_EQ(waits->answered.value().status, 204U);
  EXPECT_EQ(told("POST", "/api/v1/agents/a/lease"), "204 ");
}

TEST_F(AgentEndpointsTest, AStopComesWithTheNextHeartbeat) {
  hello("a");
  const auto grant = granted();
  EXPECT_EQ(beat(grant), "200 " + to_json(protocol::HeartbeatReply{}));
  const Instruction stop{.attempt = kAttempt, .reason = "cancelled by ann"};
  desk_.stop(stop);
  EXPECT_EQ(beat(grant), "200 " + to_json(protocol::HeartbeatReply{{stop}}));
}

TEST_F(AgentEndpointsTest, OneThatIsLowOnDiskGetsNoWork) {
  hello("a");
  const auto beat_with = [this](std::uint64_t free) {
    return told("POST", "/api/v1/agents/a/heartbeat",
                to_json(protocol::Heartbeat{
                    .attempts = {},
                    .machine = protocol::MachineState{
                        .disk_size = times_.least_disk * 4, .disk_free = free, .load = 0.5}}));
  };
  EXPECT_THAT(beat_with(times_.least_disk / 2), HasSubstr("200 "));
  const std::string listed = told("GET", "/api/v1/agents", "", "read");
  EXPECT_THAT(listed, HasSubstr(R"("state":"drained")"));
  EXPECT_THAT(listed, HasSubstr("512 MiB left, less than 1 GiB"));
  EXPECT_THAT(listed, HasSubstr(R"("load":5E-1)"));
  offer();
  const auto asked = ask("POST", "/api/v1/agents/a/lease");
  EXPECT_FALSE(asked->answered);
  EXPECT_THAT(beat_with(times_.least_disk), HasSubstr("200 "));
  EXPECT_TRUE(asked->answered) << "there is room again";
  EXPECT_THAT(told("GET", "/api/v1/agents", "", "read"), HasSubstr(R"("state":"ready")"));
}

TEST_F(AgentEndpointsTest, AnOlderOneIsToBeUpdated) {
  AgentEndpoints agents(desk_, clock_, times_, "1.1.0");
  api::Router router{agents.endpoints(), &authenticate, clock_};
  const auto call = [&](std::string method, std::string body, const char* token) {
    return support::ask(router,
                        request(std::move(method), "/api/v1/agents", token, std::move(body)))
        ->answered.value()
        .body;
  };
  EXPECT_THAT(call("POST", to_json(protocol::Hello{.agent = "a", .program = "1.0.9"}), "agent"),
              HasSubstr(R"("program":"1.1.0")"));
  EXPECT_THAT(call("GET", "", "read"), HasSubstr(R"("update_to":"1.1.0")"));
  call("POST", to_json(protocol::Hello{.agent = "a", .program = "1.1.0"}), "agent");
  EXPECT_THAT(call("GET", "", "read"), testing::Not(HasSubstr("update_to")));
}

}  // namespace
}  // namespace pipeline::server
