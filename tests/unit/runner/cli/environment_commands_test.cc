// status, rollback, deploy --resume and stop, as far as the command line goes.
#include "tests/support/golden.h"
#include "tests/unit/runner/cli/world.h"

namespace pipeline::cli {
namespace {

base::Digest digest_of(std::uint8_t byte) {
  base::Digest::Bytes bytes{};
  bytes.fill(byte);
  return base::Digest(bytes);
}

deploy::EnvironmentStatus production(const support::ManualClock& clock) {
  deploy::EnvironmentStatus status;
  status.key = {"shop", "production"};
  status.address = "127.0.0.1:8080";
  status.release = 7;
  status.digest = digest_of(0xab);
  status.artifact = "shop";
  status.previous = 6;
  status.state = "retaining";
  status.since = clock.now() - std::chrono::minutes(3);
  status.by = "push by ann";
  status.instances = {{"r7-1", 7, "127.0.0.1:8101", 1234, true, true},
                      {"r6-1", 6, "127.0.0.1:8102", 1200, false, false}};
  status.bad = {digest_of(0xcd)};
  return status;
}

TEST(StatusCommand, TellsWhatServesWhere) {
  World world;
  world.scripted_deployer().statuses = {production(world.manual_clock())};
  ASSERT_EQ(world.execute(StatusOptions{}), ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/status.txt", world.out()));
}

TEST(StatusCommand, TellsAllOfOneEnvironment) {
  World world;
  world.scripted_deployer().statuses = {production(world.manual_clock())};
  StatusOptions options;
  options.environment = "production";
  ASSERT_EQ(world.execute(options), ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/status_production.txt", world.out()));
}

TEST(StatusCommand, IsJsonForPrograms) {
  World world;
  world.scripted_deployer().statuses = {production(world.manual_clock())};
  StatusOptions options;
  options.format = Format::json;
  ASSERT_EQ(world.execute(options), ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/status.json", world.out()));
}

TEST(StatusCommand, SaysThatNothingWasDeployed) {
  World world;
  ASSERT_EQ(world.execute(StatusOptions{}), ExitCode::success);
  EXPECT_EQ(world.out(), "nothing was deployed yet; a deploy stage, or pipeline deploy, does it\n");
}

TEST(Environments, AreNamedByPipelineWhereTheNameAloneIsNotEnough) {
  World world;
  auto& deployer = world.scripted_deployer();
  deployer.statuses = {production(world.manual_clock()), production(world.manual_clock())};
  deployer.statuses[1].key.pipeline = "blog";
  const auto ambiguous = world.execute(RollbackOptions{"production", {}});
  ASSERT_FALSE(ambiguous);
  EXPECT_EQ(ambiguous.error().kind(), base::ErrorKind::invalid);
  EXPECT_EQ(ambiguous.error().hint(), "name one of: shop/production, blog/production");
  EXPECT_TRUE(world.execute(RollbackOptions{"blog/production", {}}));
  const auto unknown = world.execute(RollbackOptions{"staging", {}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind(), base::ErrorKind::invalid);
}

TEST(Environments, OfAnotherRepositoryAreNotTakenForOnesOwn) {
  World world;
  auto& deployer = world.scripted_deployer();
  deployer.statuses = {production(world.manual_clock())};
  deployer.repository = "/src/another-shop";
  std::filesystem::create_directories(world.directory().path() / ".git");
  const auto refused = world.execute(StopOptions{"production"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid);
  EXPECT_EQ(refused.error().to_string(), "shop/production belongs to /src/another-shop, not to " +
                                             world.directory().path().string());
  EXPECT_EQ(refused.error().hint(), "if that one is meant, write shop/production");
  EXPECT_TRUE(world.execute(StopOptions{"shop/production"}));
  deployer.repository = world.directory().path().string();
  EXPECT_TRUE(world.execute(StopOptions{"production"}));
}

TEST(RollbackCommand, SaysHowItEndedAndWhy) {
  struct Case {
    deploy::DeploymentResult result;
    ExitCode code;
    std::string last_lines;
  };
  const std::vector<Case> cases = {
      {{deploy::Verdict::promoted, 6, ""},
       ExitCode::success,
       "production: promoted, release 6 serves\n"},
      {{deploy::Verdict::unchanged, 0, ""},
       ExitCode::success,
       "production: nothing to do, nothing serves\n"},
      {{deploy::Verdict::restored, 7, ""},
       ExitCode::success,
       "production: brought back, release 7 serves\n"},
      {{deploy::Verdict::rolled_back, 7, "no memory", rollout::Blame::nobody, "buy some"},
       ExitCode::errored,
       "production: rolled back, release 7 serves\nreason: no memory\nhint: buy some\n"},
      {{deploy::Verdict::rolled_back, 7, "smoke.sh: exit code 1\nexpected 200\ngot 500",
        rollout::Blame::release},
       ExitCode::failed,
       "production: rolled back, release 7 serves\nreason: smoke.sh: exit code 1 … got 500\n"},
      {{deploy::Verdict::frozen, 7, "r6-1 does not stop"},
       ExitCode::errored,
       "production: frozen, nothing more is touched\nreason: r6-1 does not stop\n"
       "pipeline status production shows what is running\n"},
  };
  for (const Case& one : cases) {
    World world;
    world.scripted_deployer().statuses = {production(world.manual_clock())};
    world.scripted_deployer().result = one.result;
    EXPECT_EQ(world.execute(RollbackOptions{"production", 6}), one.code);
    EXPECT_EQ(world.scripted_deployer().asked_release, 6U);
    EXPECT_EQ(world.out(), "production: prepared: 2 instances healthy\n" + one.last_lines);
  }
}

TEST(ResumeCommand, FinishesWhatWasLeft) {
  World world;
  world.scripted_deployer().statuses = {production(world.manual_clock())};
  world.scripted_deployer().result = {deploy::Verdict::promoted, 7, ""};
  EXPECT_EQ(world.execute(ResumeOptions{"production"}), ExitCode::success);
}

TEST(StopCommand, TellsWhatItEnds) {
  World world;
  world.scripted_deployer().statuses = {production(world.manual_clock())};
  EXPECT_EQ(world.execute(StopOptions{"production"}), ExitCode::success);
  EXPECT_EQ(world.out(), "production: stop r1-1\nproduction: stopped\n");
}

TEST(DeployCommand, WantsAnArtifactWithItsDigest) {
  for (const char* artifact : {"shop", "@abc", "shop@", "shop@abc"}) {
    World world;
    DeployOptions options;
    options.environment = "production";
    options.artifact = artifact;
    const auto outcome = world.execute(options);
    ASSERT_FALSE(outcome) << artifact;
    EXPECT_EQ(outcome.error().kind(), base::ErrorKind::invalid) << artifact;
    EXPECT_TRUE(outcome.error().hint()) << artifact;
  }
}

}  // namespace
}  // namespace pipeline::cli
