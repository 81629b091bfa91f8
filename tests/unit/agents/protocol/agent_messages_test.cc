#include <gtest/gtest.h>

#include "agents/protocol/agent_messages_json.h"
#include "agents/protocol/job_order_json.h"

namespace pipeline::protocol {
namespace {

const AttemptKey kAttempt{7, "unit[os=debian,arch=a/b]", 2};

template <class Message>
void expect_same(const Message& message) {
  const auto read = message_from_json<Message>(to_json(message));
  ASSERT_TRUE(read) << to_json(message);
  EXPECT_EQ(*read, message) << to_json(message);
}

TEST(AgentMessages, ComeBackAsTheyWent) {
  expect_same(Hello{.agent = "a-1", .program = "1.2.3", .labels = {"linux", "gpu"}, .slots = 4});
  expect_same(Welcome{.heartbeat = std::chrono::seconds(10), .lease = std::chrono::seconds(45)});
  expect_same(Welcome{.heartbeat = {}, .lease = {}, .program = "1.2.3"});
  expect_same(Heartbeat{.attempts = {{kAttempt, 41}, {{8, "x", 1}, 42}}});
  expect_same(Heartbeat{.attempts = {},
                        .machine = MachineState{.disk_size = std::uint64_t{1} << 40U,
                                                .disk_free = 1,
                                                .memory_size = 2,
                                                .memory_available = 3,
                                                .load = 0.25,
                                                .processors = 8}});
  for (const auto kind :
       {Instruction::Kind::stop, Instruction::Kind::stop_now, Instruction::Kind::drop}) {
    expect_same(HeartbeatReply{.instructions = {{.attempt = kAttempt,
                                                 .kind = kind,
                                                 .as = run::JobStatus::timed_out,
                                                 .reason = "it took more than 5m"}}});
  }
  expect_same(FileReply{.size = std::uint64_t{1} << 40U});
}

TEST(AgentMessages, WhatIsSaidOfDeploymentsComesBackToo) {
  for (const auto kind : {JournalAsk::Kind::turn, JournalAsk::Kind::append, JournalAsk::Kind::read,
                          JournalAsk::Kind::settings, JournalAsk::Kind::leave})
    expect_same(
        JournalAsk{.kind = kind, .environment = "staging", .turn = 7, .entry = "{\"at\":1}"});
  expect_same(JournalReply{});
  expect_same(JournalReply{.turn = 7,
                           .holder = "pid 4711",
                           .entries = {"{\"at\":1}", "{}"},
                           .newest = 8,
                           .settings = {{"new-checkout", "off"}}});
  expect_same(DeploymentTold{.verdict = "rolled-back",
                             .release = 3,
                             .is_its_fault = true,
                             .error = "",
                             .reason = "the smoke gate said no",
                             .hint = "look at its log"});
  expect_same(DeploymentTold{.verdict = "unchanged",
                             .release = 3,
                             .instances = {{.name = "r3-1",
                                            .release = 3,
                                            .address = "127.0.0.1:8101",
                                            .pid = 4711,
                                            .healthy = true,
                                            .in_traffic = true},
                                           {.name = "r3-2"}}});
}

TEST(AgentMessages, AGrantCarriesTheWholeOrder) {
  Grant grant;
  grant.fence = 3;
  grant.order.run = 7;
  grant.order.job = "unit";
  CommandOrder command;
  command.secrets = {{"TOKEN", std::string("\xff\x00", 2)}};
  grant.order.work = command;
  const auto read = message_from_json<Grant>(to_json(grant));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->fence, 3U);
  EXPECT_EQ(to_json(read->order), to_json(grant.order));
}

TEST(AgentMessages, AnOlderOrNewerPeerIsUnderstood) {
  const auto hello = message_from_json<Hello>(R"({"agent": "a", "battery": 1})");
  ASSERT_TRUE(hello);
  EXPECT_EQ(*hello, (Hello{.agent = "a"}));
  EXPECT_EQ(message_from_json<Heartbeat>(R"({"attempts": []})").value(), Heartbeat{})
      << "of version 1.0";
}

TEST(AgentMessages, AnythingElseIsRefused) {
  for (const char* text : {"", "[]", "3", "{", R"({"agent": 3})", R"({"slots": -1})",
                           R"({"labels": "linux"})", R"({"slots": 1e30})"}) {
    const auto read = message_from_json<Hello>(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::invalid) << text;
  }
  EXPECT_FALSE(message_from_json<HeartbeatReply>(R"({"instructions": [{"kind": "dance"}]})"));
}

}  // namespace
}  // namespace pipeline::protocol
