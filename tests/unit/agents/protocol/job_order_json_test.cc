#include "agents/protocol/job_order_json.h"

#include <gtest/gtest.h>

#include "tests/support/property.h"

namespace pipeline::protocol {
namespace {

base::Digest digest(std::uint8_t fill) {
  base::Digest::Bytes bytes{};
  bytes.fill(fill);
  return base::Digest(bytes);
}

JobOrder order_of(std::variant<CommandOrder, DeployOrder, ApprovalOrder, ChildOrder> work) {
  JobOrder order;
  order.run = 41;
  order.pipeline = "shop";
  order.job = "unit[os=linux]";
  order.attempt = 3;
  order.kind = model::StageKind::integration;
  order.repository = "/srv/shop";
  order.commit = "c0ffee";
  order.tree = "f00d";
  order.timeout = std::chrono::minutes(7);
  order.lock = "db";
  order.keep = true;
  order.another_may_follow = true;
  order.log_directory = "/state/runs/41/jobs/unit.3";
  order.work = std::move(work);
  return order;
}

CommandOrder commands() {
  CommandOrder command;
  command.env = {{"A", "1"}, {"EMPTY", ""}};
  command.secrets = {{"TOKEN", "s3cret\n\"quoted\""}};
  command.layers = {digest(1), digest(2)};
  command.uses = {{"app", digest(3)}};
  command.trusted = false;
  model::CommandWork& work = command.work;
  work.run = {"make", "make test"};
  work.shell = {"/bin/bash", "-e"};
  work.env = {{"B", "2"}};
  work.secrets = {"TOKEN"};
  work.inputs = {"src/**"};
  work.outputs = {"out"};
  work.artifacts = {{"app", {"out/app"}, {}}};
  work.reports = model::ReportSpec{
      {"junit.xml"}, model::CoverageSpec{model::CoverageFormat::cobertura, "c.xml"}, {"flaky"}};
  work.uses = {"app"};
  work.caches = {{".cache", "key", {"older"}, {}}};
  work.tools = {"gcc"};
  work.workdir = "sub";
  work.sandbox = {model::NetworkMode::host, 1, 1.5, 2, 3, 4, {"/opt"}};
  model::ServiceSpec service;
  service.name = "db";
  service.run = "exec db";
  service.env = {{"C", "3"}};
  service.ready = model::ReadySpec{"check", model::LoopbackEndpoint{"::1", 8080, "/health"},
                                   std::chrono::milliseconds(5), std::chrono::seconds(6)};
  work.services = {service, {}};
  return command;
}

// Every member is written, so that text that is the same means that nothing was lost.
void expect_round_trip(const JobOrder& order) {
  const std::string text = to_json(order);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto read = job_order_from_json(text);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(to_json(*read), text);
}

TEST(JobOrderJson, CommandsComeThrough) {
  expect_round_trip(order_of(commands()));
  const auto read = job_order_from_json(to_json(order_of(commands())));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->run, 41U);
  EXPECT_EQ(read->job, "unit[os=linux]");
  EXPECT_EQ(read->attempt, 3U);
  EXPECT_EQ(read->kind, model::StageKind::integration);
  EXPECT_EQ(read->timeout, std::chrono::minutes(7));
  EXPECT_EQ(read->lock, "db");
  EXPECT_TRUE(read->keep);
  EXPECT_EQ(read->log_directory, "/state/runs/41/jobs/unit.3");
  const auto& command = std::get<CommandOrder>(read->work);
  EXPECT_EQ(command.secrets.at("TOKEN"), "s3cret\n\"quoted\"");
  EXPECT_EQ(command.layers, (std::vector{digest(1), digest(2)}));
  EXPECT_EQ(command.uses.at(0).digest, digest(3));
  EXPECT_FALSE(command.trusted);
  EXPECT_EQ(command.work.sandbox, commands().work.sandbox);
  EXPECT_EQ(command.work.reports, commands().work.reports);
  EXPECT_EQ(command.work.services.at(0).ready, commands().work.services.at(0).ready);
  EXPECT_EQ(command.work.services.at(1).ready, std::nullopt);
}

TEST(JobOrderJson, EveryKindOfWorkComesThrough) {
  DeployOrder deploy;
  deploy.environment.name = "production";
  deploy.environment.gates = {{model::ToggleGate{{"dark"}}, {}}, {model::SmokeGate{{"curl"}}, {}}};
  deploy.artifact = {"app", digest(9)};
  deploy.promote_from = "staging";
  expect_round_trip(order_of(deploy));
  deploy.environment.agent.labels = {"production", "eu"};
  deploy.action = DeployAction::roll_back;
  deploy.release = 7;
  deploy.force = true;
  deploy.repository = "/srv/shop";
  deploy.machine = "prod-1";
  deploy.journal = JournalAccess{"https://ci.example.org", "token", "/etc/ca.pem", "prod-1", 41};
  expect_round_trip(order_of(deploy));
  expect_round_trip(order_of(ApprovalOrder{"go", {{"alice"}, "release?"}}));
  expect_round_trip(order_of(ChildOrder{{"deploy", {{"version", "2"}}}}));
  expect_round_trip(JobOrder{});
}

TEST(JobOrderJson, WhatIsNoOrderIsRefusedWithoutShowingIt) {
  for (const std::string text : {"", "{", "[]", R"({"run":"secret-value"})", R"({"work":{}})",
                                 R"({"work":{"is":"secret-value"}})"}) {
    const auto read = job_order_from_json(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::corrupt);
    EXPECT_EQ(read.error().to_string().find("secret-value"), std::string::npos);
  }
}

RC_GTEST_PROP(JobOrderJsonProperty, AnyBytesComeThrough,
              (const std::map<std::string, std::string>& secrets, const std::string& command)) {
  CommandOrder work;
  work.secrets = secrets;
  work.work.run = {command};
  const auto read = job_order_from_json(to_json(order_of(work)));
  RC_ASSERT(read.has_value());
  RC_ASSERT(std::get<CommandOrder>(read->work).secrets == secrets);
  RC_ASSERT(std::get<CommandOrder>(read->work).work.run.at(0) == command);
}

}  // namespace
}  // namespace pipeline::protocol
