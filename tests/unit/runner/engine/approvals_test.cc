#include "runner/engine/approvals.h"

#include <gtest/gtest.h>

namespace pipeline::engine {
namespace {

using base::ErrorKind;

StoredRun run_with(const std::string& approvers, std::vector<run::EventBody> bodies) {
  run::RunSpec spec;
  spec.pipeline = "shop";
  spec.pipeline_file = "pipeline.toml";
  spec.pipeline_text =
      "name = \"shop\"\n[[stage]]\nname = \"build\"\nrun = \"true\"\n"
      "artifacts = [{ name = \"shop\", paths = [\"x\"] }]\n"
      "[[stage]]\nname = \"go\"\nkind = \"approval\"\nneeds = []\n" +
      approvers;
  bodies.insert(bodies.begin(), run::RunCreated{spec});
  std::vector<run::Event> events;
  events.reserve(bodies.size());
  for (auto& body : bodies) events.push_back({events.size() + 1, {}, std::move(body)});
  return stored_run(1, std::move(events)).value();
}

std::vector<run::EventBody> asked() {
  return {run::JobQueued{"go", 1}, run::JobLeased{"go", 1, "local"},
          run::JobWaiting{"go", 1, "release it?"}};
}

const std::string kOps = "approvers = [\"ann\", \"group:ops\"]\n";

TEST(FindWaiting, LetsAnybodyDecideWhereNobodyIsNamed) {
  const auto run = run_with("", asked());
  const auto job = find_waiting(run, "go", {.name = "anybody"});
  ASSERT_TRUE(job) << job.error().to_string();
  EXPECT_EQ(run.plan.jobs[*job].name, "go");
}

TEST(FindWaiting, GoesByNameOrByGroup) {
  const auto run = run_with(kOps, asked());
  EXPECT_TRUE(find_waiting(run, "go", {.name = "ann"}));
  const auto is_in = [](const std::string& group) { return group == "ops"; };
  EXPECT_TRUE(find_waiting(run, "go", {.name = "bob", .is_in = is_in}));
  const auto is_in_none = [](const std::string&) { return false; };
  const auto refused = find_waiting(run, "go", {.name = "bob", .is_in = is_in_none});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::permission);
  EXPECT_EQ(refused.error().to_string(), "bob may not decide on go");
  EXPECT_EQ(refused.error().hint(), "its approvers are ann, group:ops");
}

TEST(FindWaiting, TellsPeopleFromTheTokensOfServices) {
  const auto run = run_with("approvers = [\"user:ann\"]\n", asked());
  const auto is_in_none = [](const std::string&) { return false; };
  EXPECT_TRUE(find_waiting(run, "go", {.name = "ann", .is_in = is_in_none}));
  EXPECT_FALSE(find_waiting(run, "go", {.name = "bob", .is_in = is_in_none}));
  EXPECT_FALSE(find_waiting(run, "go", {.name = "ann"})) << "a token that is called so";
}

TEST(FindWaiting, SaysThatAServiceIsInNoGroup) {
  const auto run = run_with(kOps, asked());
  EXPECT_EQ(find_waiting(run, "go", {.name = "bob"}).error().hint(),
            "its approvers are ann, group:ops; a service's token is no person, and in no group");
  EXPECT_FALSE(find_waiting(run, "go", {.name = "group:ops"})) << "a name is no group";
  const auto named = run_with("approvers = [\"ann\"]\n", asked());
  EXPECT_EQ(find_waiting(named, "go", {.name = "bob"}).error().hint(), "its approvers are ann");
}

TEST(FindWaiting, TellsWhatWaitsInstead) {
  const auto run = run_with("", asked());
  const auto gone = find_waiting(run, "gone", {.name = "ann"});
  EXPECT_EQ(gone.error().to_string(), "the run has no stage \"gone\"");
  EXPECT_EQ(gone.error().hint(), "waiting for approval: go");
  EXPECT_EQ(find_waiting(run, "build", {.name = "ann"}).error().to_string(),
            "build is no approval");
  const auto early = run_with("", {});
  EXPECT_EQ(find_waiting(early, "go", {.name = "ann"}).error().hint(),
            "nothing of it waits for approval");
  std::vector<run::EventBody> bodies = asked();
  run::JobFinished finished;
  finished.job = "go";
  finished.status = run::JobStatus::failed;
  bodies.emplace_back(finished);
  const auto over = run_with("", bodies);
  EXPECT_EQ(find_waiting(over, "go", {.name = "ann"}).error().to_string(), "go is over: failed");
}

// A run whose build made an artifact of that digest.
StoredRun run_that_made(const std::string& more, char digit) {
  run::JobFinished built;
  built.job = "build";
  built.status = run::JobStatus::succeeded;
  built.artifacts = {{"shop", base::Digest::parse(std::string(64, digit)).value(), 7}};
  return run_with(more, {run::JobQueued{"build", 1}, run::JobLeased{"build", 1, "local"},
                         run::JobStarted{"build", 1}, built});
}

TEST(SubjectOf, IsTheSameForTheSame) {
  const auto one = run_that_made(kOps, 'a');
  const auto go = one.plan.find("go").value();
  EXPECT_EQ(subject_of(one, go), subject_of(run_that_made(kOps, 'a'), go));
  EXPECT_NE(subject_of(one, go), subject_of(run_that_made("", 'a'), go)) << "another pipeline";
  StoredRun other_tree = run_that_made(kOps, 'a');
  other_tree.plan.facts.tree = "0123";
  EXPECT_NE(subject_of(one, go), subject_of(other_tree, go));
  StoredRun other_params = run_that_made(kOps, 'a');
  other_params.plan.facts.params["channel"] = "nightly";
  EXPECT_NE(subject_of(one, go), subject_of(other_params, go));
}

TEST(SubjectOf, IsAnotherForAnotherArtifact) {
  const std::string deploys =
      "[[stage]]\nname = \"out\"\nneeds = [\"go\", \"build\"]\nrun = \"true\"\n"
      "uses = [\"shop\"]\nkind = \"acceptance\"\nreports = \"none\"\n";
  const auto behind = run_that_made(kOps + deploys, 'a');
  const auto go = behind.plan.find("go").value();
  EXPECT_NE(subject_of(behind, go), subject_of(run_that_made(kOps + deploys, 'b'), go))
      << "what is used once it is given";
  const auto beside = run_that_made(kOps, 'a');
  EXPECT_EQ(subject_of(beside, go), subject_of(run_that_made(kOps, 'b'), go))
      << "what it has nothing to do with";
}

TEST(EnvironmentsBehind, AreThoseUpToTheNextApproval) {
  run::RunSpec spec;
  spec.pipeline = "shop";
  spec.pipeline_file = "pipeline.toml";
  const std::string deploys = "kind = \"deploy\"\nartifact = \"shop\"\nenvironment = ";
  spec.pipeline_text =
      "name = \"shop\"\n[[stage]]\nname = \"build\"\nrun = \"true\"\n"
      "artifacts = [{ name = \"shop\", paths = [\"x\"] }]\n"
      "[[stage]]\nname = \"go\"\nkind = \"approval\"\n"
      "[[stage]]\nname = \"test\"\nrun = \"true\"\n"
      "[[stage]]\nname = \"staging\"\n" +
      deploys +
      "\"staging\"\n"
      "[[stage]]\nname = \"demo\"\nneeds = [\"go\"]\n" +
      deploys +
      "\"demo\"\n"
      "[[stage]]\nname = \"release\"\nkind = \"approval\"\nneeds = [\"staging\"]\n"
      "[[stage]]\nname = \"production\"\n" +
      deploys + "\"production\"\n";
  int port = 8001;  // the first of four that each environment has
  for (const char* name : {"staging", "demo", "production"}) {
    const auto own = [port](int which) { return std::to_string(port + which); };
    spec.pipeline_text += std::string("[environment.") + name +
                          "]\ntarget = \"process\"\nstart = \"app\"\nports = \"" + own(0);
    spec.pipeline_text += "-" + own(1) + "\"\nswitch = { listen = \"127.0.0.1:" + own(2);
    spec.pipeline_text += "\", preview = \"127.0.0.1:" + own(3) + "\" }\n";
    port += 4;
  }
  const auto plan = plan_of(spec);
  ASSERT_TRUE(plan) << plan.error().to_string();
  const auto behind = [&](const char* job) {
    return environments_behind(*plan, plan->find(job).value());
  };
  EXPECT_EQ(behind("go"), (std::set<std::string>{"demo", "staging"}));
  EXPECT_EQ(behind("release"), std::set<std::string>{"production"});
}

}  // namespace
}  // namespace pipeline::engine
