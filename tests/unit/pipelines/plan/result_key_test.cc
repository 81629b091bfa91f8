#include "pipelines/plan/result_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/pipelines/plan/read_for_test.h"

namespace pipeline::plan {
namespace {

constexpr std::string_view kFile = R"(
name = "p"
[params]
level = { type = "integer", default = 3 }
[[stage]]
name = "build"
run = ["make", "make check"]
inputs = ["src/**", "Makefile"]
outputs = ["build/"]
env = { A = "1" }
[[stage]]
name = "docs"
run = "make docs"
)";

base::Digest digest(std::uint8_t byte) {
  base::Digest::Bytes bytes{};
  bytes[0] = byte;
  return base::Digest(bytes);
}

ResultKeyInput input() {
  return {.files = {{"Makefile", "aaaa", 0100644},
                    {"src/a.c", "bbbb", 0100644},
                    {"README.md", "cccc", 0100644}},
          .layers = {digest(1), digest(2)},
          .artifacts = {{"app", digest(3)}},
          .tools = {{"make", "4.3"}}};
}

std::string key(std::string_view file, const ResultKeyInput& from, Facts facts = {}) {
  const Plan plan = plan_for_test(file, std::move(facts));
  const auto result = result_manifest(plan, plan.jobs[0], from);
  EXPECT_TRUE(result.has_value() && result->has_value());
  return result && *result ? to_text(**result) : "";
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kFile);
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(ResultKey, IsTheSameForTheSameWork) {
  EXPECT_EQ(key(kFile, input()), key(kFile, input()));
  ResultKeyInput shuffled = input();
  std::ranges::reverse(shuffled.files);
  EXPECT_EQ(key(kFile, shuffled), key(kFile, input()));
}

TEST(ResultKey, DoesNotDependOnFilesThatAreNoInputs) {
  ResultKeyInput other = input();
  other.files[2].id = "dddd";
  EXPECT_EQ(key(kFile, other), key(kFile, input()));
}

TEST(ResultKey, DependsOnEverythingThatTheResultDependsOn) {
  std::vector<std::string> keys = {key(kFile, input())};
  const auto with = [&](auto change) {
    ResultKeyInput changed = input();
    change(changed);
    keys.push_back(key(kFile, changed));
  };
  with([](ResultKeyInput& in) { in.files[1].id = "eeee"; });
  with([](ResultKeyInput& in) { in.files[1].mode = 0100755; });
  with([](ResultKeyInput& in) { in.files[1].path = "src/b.c"; });
  with([](ResultKeyInput& in) { in.files.push_back({"src/new.c", "ffff", 0100644}); });
  with([](ResultKeyInput& in) { in.layers[1] = digest(9); });
  with([](ResultKeyInput& in) { std::swap(in.layers[0], in.layers[1]); });
  with([](ResultKeyInput& in) { in.layers.pop_back(); });
  with([](ResultKeyInput& in) { in.artifacts.at("app") = digest(9); });
  with([](ResultKeyInput& in) { in.tools.at("make") = "4.4"; });
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"make check\"", "\"make checks\""},
           {R"("make", "make check")", R"("make check", "make")"},
           {"A = \"1\"", "A = \"2\""},
           {"A = \"1\"", "B = \"1\""},
           {"outputs = [\"build/\"]", "outputs = [\"build/x\"]"},
           {"env =", "shell = [\"/bin/bash\"]\nenv ="},
           {"env =", "workdir = \"src\"\nenv ="},
           {"env =", "secrets = [\"TOKEN\"]\nenv ="},
           {"env =", "sandbox = { network = \"host\" }\nenv ="},
           {"env =", "sandbox = { cpus = 1.5 }\nenv ="},
           {"env =", "sandbox = { memory = \"1GiB\" }\nenv ="},
           {"env =", "sandbox = { readable = [\"/opt\"] }\nenv ="},
           {"env =", "artifacts = [{ name = \"app\", paths = \"dist/**\" }]\nenv ="}}) {
    keys.push_back(key(replaced(from, to), input()));
  }
  Facts level;
  level.params = {{"level", "4"}};
  keys.push_back(key(kFile, input(), level));
  const std::set<std::string> distinct(keys.begin(), keys.end());
  EXPECT_EQ(distinct.size(), keys.size());
}

TEST(ResultKey, DependsOnTheCommitOnlyForCommandsThatLookAtIt) {
  Facts first;
  first.commit = "1111";
  Facts second;
  second.commit = "2222";
  EXPECT_EQ(key(kFile, input(), first), key(kFile, input(), second));
  const std::string looks = replaced("\"make check\"", "\"echo $GIT_COMMIT > version\"");
  EXPECT_NE(key(looks, input(), first), key(looks, input(), second));
}

// What is not part of the key must not reach the job either, where a script could look at it.
TEST(ResultKey, AJobIsGivenOfTheCommitWhatItSpellsAndNoMore) {
  Facts facts;
  facts.commit = "1111";
  facts.branch = "main";
  const auto env = [&](const std::string& file, std::size_t job) {
    return plan_for_test(file, facts).jobs[job].env;
  };
  const std::string plain(kFile);
  for (const auto* name : {"GIT_COMMIT", "GIT_BRANCH", "GIT_TAG", "PIPELINE_EVENT"}) {
    EXPECT_FALSE(env(plain, 0).contains(name)) << name;
    EXPECT_TRUE(env(plain, 1).contains(name)) << name << ", a stage without inputs has all";
  }
  const auto looks = env(replaced("\"make check\"", "\"scripts/v.sh $GIT_COMMIT\""), 0);
  EXPECT_EQ(looks.at("GIT_COMMIT"), "1111");
  EXPECT_FALSE(looks.contains("GIT_BRANCH"));
  EXPECT_EQ(env(replaced("A = \"1\"", "A = \"GIT_BRANCH\""), 0).at("GIT_BRANCH"), "main");
  EXPECT_EQ(env(replaced("A = \"1\"", "GIT_COMMIT = \"mine\""), 0).at("GIT_COMMIT"), "mine");
}

TEST(ResultKey, IsNoneForAStageThatLooksAtTheNumberOfItsRun) {
  for (const auto* name : {"PIPELINE_RUN", "PIPELINE_ATTEMPT"}) {
    const Plan plan =
        plan_for_test(replaced("\"make check\"", "\"echo $" + std::string(name) + "\""));
    const auto result = result_manifest(plan, plan.jobs[0], input());
    ASSERT_TRUE(result.has_value());
    EXPECT_FALSE(result->has_value()) << name;
  }
}

TEST(ResultKey, IsNoneForAStageWithoutInputs) {
  const Plan plan = plan_for_test(kFile);
  const auto result = result_manifest(plan, plan.jobs[1], input());
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->has_value());
}

// Lengths are written, so text cannot move from one field to the next.
TEST(ResultKey, KeepsFieldsApart) {
  EXPECT_NE(key(replaced("[\"make\", \"make check\"]", "[\"a\", \"b\"]"), input()),
            key(replaced("[\"make\", \"make check\"]", "[\"ab\"]"), input()));
}

TEST(ResultKey, DependsOnTheServicesThatTheJobHas) {
  const auto with = [](const std::string& service) {
    return replaced("[[stage]]\nname = \"docs\"", "[[stage.service]]\nname = \"db\"\n" + service +
                                                      "\n[[stage]]\nname = \"docs\"");
  };
  std::set<std::string> keys = {key(kFile, input())};
  const std::vector<std::string> services = {
      "run = \"db\"",
      "run = \"exec db\"",
      "run = \"db\"\nenv = { A = \"2\" }",
      "run = \"db\"\nready = { command = \"db-is-ready\" }",
      "run = \"db\"\nready = { tcp = 5432 }",
      "run = \"db\"\nready = { http = \"http://localhost:5432\" }"};
  for (const std::string& service : services) {
    EXPECT_TRUE(keys.insert(key(with(service), input())).second) << service;
  }
  EXPECT_EQ(key(with("run = \"db\"\nwhen = { branch = \"main\" }"), input()), key(kFile, input()))
      << "a service that the job does not have is none";
}

TEST(ResultKey, SeesTheRunsVariablesInServices) {
  const std::string text = replaced("[[stage]]\nname = \"docs\"",
                                    "[[stage.service]]\nname = \"db\"\nrun = \"db $PIPELINE_RUN\"\n"
                                    "[[stage]]\nname = \"docs\"");
  const Plan plan = plan_for_test(text);
  EXPECT_EQ(result_manifest(plan, plan.jobs[0], input()).value(), std::nullopt);
}

}  // namespace
}  // namespace pipeline::plan
