#include "pipelines/config/server_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/config/reader.h"

namespace pipeline::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kProduction = R"([environment.production]
instances = 4
start = "bin/serve"
ports = "8101-8132"
[environment.production.switch]
listen = "127.0.0.1:8080"
preview = "127.0.0.1:8090"
)";

constexpr const char* kPipeline = R"(name = "shop"
[[stage]]
name = "package"
run = "true"
artifacts = [{ name = "shop", paths = ["dist/**"] }]
[[stage]]
name = "production"
kind = "deploy"
environment = "production"
artifact = "shop"
)";

constexpr const char* kOfBranch = R"([environment.production]
start = "bin/mine"
ports = "9101-9132"
switch = { listen = "127.0.0.1:9080", preview = "127.0.0.1:9090" }
)";

std::vector<std::string> messages(const std::vector<Diagnostic>& found) {
  std::vector<std::string> all;
  all.reserve(found.size());
  for (const Diagnostic& one : found)
    all.push_back(std::to_string(one.span.line) + ":" + std::to_string(one.span.column) + ": " +
                  one.message);
  return all;
}

ReadResult read_with(const std::string& text, const std::string& definition) {
  return read_pipeline(text, {.environments = {{"production", definition}}});
}

TEST(ServerEnvironment, OneThatIsRightHasNothingToSay) {
  EXPECT_THAT(check_server_environment("production", kProduction), IsEmpty());
}

TEST(ServerEnvironment, IsHeldToWhatAPipelinesIsHeldTo) {
  std::string text = kProduction;
  text.replace(text.find("instances"), 9, "instanzes");
  text.replace(text.find("8101-8132"), 9, "8101-8101");
  EXPECT_THAT(messages(check_server_environment("production", text)),
              ElementsAre("1:14: \"blue-green\" with 1 instance needs 2 ports, and \"production\" "
                          "has 1",
                          "2:1: unknown key \"instanzes\" in environment"));
  EXPECT_THAT(messages(check_server_environment("production", "[environment.production")),
              ElementsAre(HasSubstr("1:24: ")));
}

TEST(ServerEnvironment, HoldsTheOneTableAlone) {
  EXPECT_THAT(messages(check_server_environment("production", "")),
              ElementsAre("1:1: there is no table [environment.production]"));
  EXPECT_THAT(messages(check_server_environment("staging", kProduction)),
              ElementsAre("1:1: there is no table [environment.staging]",
                          "1:14: this defines \"staging\" alone, not \"production\""));
  EXPECT_THAT(messages(check_server_environment(
                  "production", "toggles = \"flags.json\"\n" + std::string(kProduction))),
              ElementsAre("1:1: \"toggles\" does not belong in a definition"));
}

TEST(ServerEnvironment, AToggleGateMayUseThePipelinesFlagFile) {
  const std::string text =
      kProduction +
      std::string("[[environment.production.gate]]\nkind = \"toggle\"\noff = \"x\"\n");
  EXPECT_THAT(check_server_environment("production", text), IsEmpty());
  EXPECT_THAT(messages(read_with(kPipeline, text).diagnostics),
              ElementsAre(HasSubstr("names no toggle file")));
}

TEST(ServerEnvironment, CountsInsteadOfTheFiles) {
  const ReadResult read = read_with(std::string(kPipeline) + kOfBranch, kProduction);
  ASSERT_TRUE(read.pipeline);
  ASSERT_EQ(read.pipeline->environments.size(), 1U);
  const model::Environment& environment = read.pipeline->environments[0];
  EXPECT_EQ(environment.start, "bin/serve");
  EXPECT_EQ(environment.instances, 4U);
  EXPECT_EQ(environment.traffic.listen, "127.0.0.1:8080");
}

TEST(ServerEnvironment, CountsThoughTheFilesHaveNone) {
  EXPECT_THAT(messages(read_pipeline(kPipeline).diagnostics),
              ElementsAre(HasSubstr("there is no environment named \"production\"")));
  const ReadResult read = read_with(kPipeline, kProduction);
  ASSERT_TRUE(read.pipeline);
  EXPECT_EQ(read.pipeline->environments.at(0).start, "bin/serve");
}

TEST(ServerEnvironment, WhatTheFilesSayOfItIsNotEvenRead) {
  EXPECT_TRUE(
      read_with(std::string(kPipeline) + "[environment.production]\nnonsense = 1\n", kProduction)
          .pipeline);
}

TEST(ServerEnvironment, CountsInsteadOfAnIncludedOne) {
  const std::string text = "include = [\"shared.toml\"]\n" + std::string(kPipeline);
  const ReadResult read = read_pipeline(
      text, {.included = [](const std::string&) { return base::Result<std::string>(kOfBranch); },
             .environments = {{"production", kProduction}}});
  ASSERT_TRUE(read.pipeline) << messages(read.diagnostics).front();
  EXPECT_EQ(read.pipeline->environments.at(0).start, "bin/serve");
  EXPECT_THAT(included_texts(read.included), ElementsAre(testing::Pair("shared.toml", kOfBranch)));
}

TEST(ServerEnvironment, OthersStayTheFilesOwn) {
  const std::string staging =
      "[environment.staging]\nstart = \"bin/staging\"\nports = \"9201-9232\"\n"
      "switch = { listen = \"127.0.0.1:9280\", preview = \"127.0.0.1:9290\" }\n";
  const ReadResult read = read_with(kPipeline + staging, kProduction);
  ASSERT_TRUE(read.pipeline);
  EXPECT_THAT(read.pipeline->environments,
              ElementsAre(Field(&model::Environment::start, "bin/staging"),
                          Field(&model::Environment::start, "bin/serve")));
}

TEST(ServerEnvironment, TheRulesSeeThemTogether) {
  const std::string staging =
      "[environment.staging]\nstart = \"bin/staging\"\nports = \"9201-9232\"\n"
      "switch = { listen = \"127.0.0.1:8080\", preview = \"127.0.0.1:9290\" }\n";
  const std::string text = kPipeline + staging;
  const ReadResult read = read_with(text, kProduction);
  ASSERT_EQ(read.diagnostics.size(), 1U);
  const Diagnostic& taken = read.diagnostics[0];
  EXPECT_THAT(taken.message, HasSubstr("127.0.0.1:8080 is taken already"));
  EXPECT_EQ(read.sources("pipeline.toml", text).at(taken.span.file).file,
            "server: environment production");
}

TEST(ServerEnvironment, ItsStrategyCountsForDeployStagesToo) {
  const std::string text =
      kPipeline + std::string("strategy = { kind = \"rolling\", batch = 2 }\n");
  const auto strategy_of = [](const ReadResult& read) {
    return std::get<model::DeployWork>(read.pipeline->stages.at(1).work).strategy;
  };
  const ReadResult silent = read_with(text, kProduction);
  ASSERT_TRUE(silent.pipeline);
  EXPECT_TRUE(strategy_of(silent)) << "the definition says nothing about it";
  const std::string saying =
      kProduction + std::string("[environment.production.strategy]\nkind = \"blue-green\"\n");
  const ReadResult said = read_with(text, saying);
  ASSERT_TRUE(said.pipeline);
  EXPECT_FALSE(strategy_of(said));
  EXPECT_THAT(said.diagnostics,
              ElementsAre(AllOf(Field(&Diagnostic::severity, Severity::warning),
                                Field(&Diagnostic::message, HasSubstr("does not count")))));
}

TEST(ServerEnvironment, OriginsSayThatItIsTheServers) {
  const ReadResult read = read_with(std::string(kPipeline) + kOfBranch, kProduction);
  ASSERT_EQ(read.environment_origins.size(), 1U);
  EXPECT_EQ(read.environment_origins[0].environment, "production");
  const ValueOrigin& start = read.environment_origins[0].values.at(1);
  EXPECT_EQ(start.key, "start");
  EXPECT_EQ(start.value, "\"bin/serve\"");
  EXPECT_EQ(read.included.at(start.span.file - 1).path, "server: environment production");
  EXPECT_EQ(start.span.line, 3U);
}

TEST(ServerEnvironment, OneThatCannotBeReadStopsThePipeline) {
  const ReadResult read = read_with(std::string(kPipeline) + kOfBranch, "[environment.staging]\n");
  EXPECT_FALSE(read.pipeline) << "rather than the branch's own";
}

}  // namespace
}  // namespace pipeline::config
