#include "runner/cli/command_line.h"

#include "tests/support/golden.h"

namespace pipeline::cli {
namespace {

template <class Options>
Options parsed(std::vector<std::string> arguments) {
  const auto result = parse_command_line(std::move(arguments));
  if (const auto* answer = std::get_if<Answer>(&result)) {
    ADD_FAILURE() << answer->text;
    return {};
  }
  return std::get<Options>(std::get<Invocation>(result).command);
}

Answer answered(std::vector<std::string> arguments) {
  const auto result = parse_command_line(std::move(arguments));
  const auto* answer = std::get_if<Answer>(&result);
  return answer != nullptr ? *answer : Answer{"(was accepted)", -1};
}

TEST(CommandLine, RunTakesTheWorkingTreeByDefault) {
  const auto run = parsed<RunOptions>({"run"});
  EXPECT_FALSE(run.tree.pipeline);
  EXPECT_FALSE(run.tree.repository);
  EXPECT_EQ(run.tree.ref, "");
  EXPECT_EQ(run.jobs, 0U);
  EXPECT_EQ(run.sandbox, SandboxWish::full);
  EXPECT_EQ(run.format, Format::text);
}

TEST(CommandLine, RunTakesEveryOptionOfTheContract) {
  const auto run =
      parsed<RunOptions>({"run",          "ci",      "--repo",          "/srv/shop",
                          "--ref",        "v1",      "--stage",         "unit",
                          "--stage=lint", "--param", "channel=nightly", "--param=a=b=c",
                          "--env-file",   "secrets", "--no-cache",      "--keep",
                          "--jobs",       "3",       "--sandbox=none",  "--json"});
  EXPECT_EQ(run.tree.pipeline, "ci");
  EXPECT_EQ(run.tree.repository, "/srv/shop");
  EXPECT_EQ(run.tree.ref, "v1");
  EXPECT_EQ(run.stages, (std::vector<std::string>{"unit", "lint"}));
  EXPECT_EQ(run.tree.params,
            (std::map<std::string, std::string>{{"channel", "nightly"}, {"a", "b=c"}}));
  EXPECT_EQ(run.secrets.env_file, "secrets");
  EXPECT_TRUE(run.no_cache);
  EXPECT_TRUE(run.keep);
  EXPECT_EQ(run.jobs, 3U);
  EXPECT_EQ(run.sandbox, SandboxWish::none);
  EXPECT_EQ(run.format, Format::json);
}

TEST(CommandLine, PlanTakesAnEvent) {
  EXPECT_FALSE(parsed<PlanOptions>({"plan"}).event);
  const auto push = parsed<PlanOptions>(
      {"plan", "--event", "push", "--changed", "a", "ci", "--branch", "main", "--changed=b"});
  ASSERT_TRUE(push.event);
  EXPECT_EQ(push.tree.pipeline, "ci");
  EXPECT_EQ(push.event->event, EventName::push);
  EXPECT_EQ(push.event->branch, "main");
  EXPECT_EQ(push.event->changed, (std::vector<std::string>{"a", "b"}));
  const auto firing = parsed<PlanOptions>({"plan", "--schedule", "nightly", "--event=schedule"});
  EXPECT_EQ(firing.event->schedule, "nightly");
  EXPECT_EQ(answered({"plan", "--branch", "main"}).exit_code, 2) << "of which event?";
  EXPECT_EQ(answered({"plan", "--event", "push", "--tag", "v1"}).exit_code, 2);
}

TEST(CommandLine, RunPlanAndRetryTakeSecretsFromTheSamePlaces) {
  const std::vector<std::string> sources = {"--secret-from-env", "A", "--secret-command",
                                            "B=pass show b", "--secret-from-env=C"};
  const auto with = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), sources.begin(), sources.end());
    return arguments;
  };
  for (const SecretOptions& secrets :
       {parsed<RunOptions>(with({"run"})).secrets, parsed<PlanOptions>(with({"plan"})).secrets,
        parsed<RetryOptions>(with({"retry", "last"})).secrets}) {
    EXPECT_EQ(secrets.from_env, (std::vector<std::string>{"A", "C"}));
    EXPECT_EQ(secrets.commands, std::vector<std::string>{"B=pass show b"});
  }
}

TEST(CommandLine, SecretSaysWhatToDoWithWhich) {
  EXPECT_EQ(parsed<SecretSetOptions>({"secret", "set", "TOKEN"}).name, "TOKEN");
  EXPECT_TRUE(parsed<SecretSetOptions>({"secret", "set", "TOKEN", "--global"}).scope.global);
  EXPECT_EQ(
      parsed<SecretRemoveOptions>({"secret", "remove", "--repository=/r", "T"}).scope.repository,
      "/r");
  EXPECT_EQ(parsed<SecretListOptions>({"secret", "list", "--json"}).format, Format::json);
}

TEST(CommandLine, OptionsMayStandBeforeTheName) {
  EXPECT_EQ(parsed<RunOptions>({"run", "--stage", "unit", "ci"}).tree.pipeline, "ci");
}

TEST(CommandLine, RunsAreNamedByNumberOrAsTheLast) {
  EXPECT_EQ(parsed<ShowOptions>({"show", "12"}).run, 12U);
  EXPECT_FALSE(parsed<ShowOptions>({"show", "last"}).run);
  EXPECT_EQ(answered({"show", "0"}).exit_code, 2);
  EXPECT_EQ(answered({"show", "twelve"}).exit_code, 2);
  EXPECT_EQ(answered({"show", "12x"}).exit_code, 2);
  EXPECT_EQ(answered({"show"}).exit_code, 2);
}

TEST(CommandLine, LogsTakeAJobATailAndMore) {
  const auto logs = parsed<LogsOptions>({"logs", "3", "unit", "-f", "-n", "20", "-t"});
  EXPECT_EQ(logs.run, 3U);
  EXPECT_EQ(logs.job, "unit");
  EXPECT_EQ(logs.tail, 20U);
  EXPECT_TRUE(logs.follow);
  EXPECT_TRUE(logs.timestamps);
  EXPECT_FALSE(logs.attempt);
}

TEST(CommandLine, ArtifactsAreListedOrGot) {
  EXPECT_EQ(parsed<ArtifactsListOptions>({"artifacts", "3"}).run, 3U);
  EXPECT_EQ(parsed<ArtifactsListOptions>({"artifacts", "list", "3", "--json"}).format,
            Format::json);
  const auto get = parsed<ArtifactsGetOptions>({"artifacts", "get", "last", "shop", "--to", "x"});
  EXPECT_FALSE(get.run);
  EXPECT_EQ(get.name, "shop");
  EXPECT_EQ(get.directory, "x");
  EXPECT_EQ(answered({"artifacts", "get", "3"}).exit_code, 2);
  EXPECT_EQ(answered({"artifacts", "3", "4"}).exit_code, 2);
}

TEST(CommandLine, DeploysAnArtifactOrResumes) {
  const auto deploy = parsed<DeployOptions>({"deploy", "staging", "shop@abc", "--force"});
  EXPECT_EQ(deploy.environment, "staging");
  EXPECT_EQ(deploy.artifact, "shop@abc");
  EXPECT_TRUE(deploy.force);
  EXPECT_EQ(parsed<ResumeOptions>({"deploy", "--resume", "staging"}).environment, "staging");
  EXPECT_EQ(answered({"deploy", "staging"}).exit_code, 2);
  EXPECT_EQ(answered({"deploy"}).exit_code, 2);
}

TEST(CommandLine, ColourIsForbiddenBeforeOrAfterTheCommand) {
  for (const auto& arguments :
       {std::vector<std::string>{"--no-color", "runs"}, {"runs", "--no-color"}}) {
    const auto result = parse_command_line(arguments);
    EXPECT_EQ(std::get<Invocation>(result).color, ColorWish::never);
  }
}

TEST(CommandLine, GuessesWhatAMistypedWordMeant) {
  EXPECT_EQ(answered({"rnu"}).text,
            "error: unknown command \"rnu\"\nhint: did you mean \"run\"?\n");
  EXPECT_EQ(answered({"run", "--no-cahce"}).text,
            "error: unknown option \"--no-cahce\" of run\nhint: did you mean \"--no-cache\"?\n");
  EXPECT_EQ(answered({"frobnicate"}).text,
            "error: unknown command \"frobnicate\"\nhint: pipeline --help lists them\n");
}

TEST(CommandLine, HelpIsAnAnswerAndNoCommandIsAMistake) {
  EXPECT_EQ(answered({}).exit_code, 2);
  EXPECT_EQ(answered({"--help"}).exit_code, 0);
  EXPECT_EQ(answered({"help"}).text, answered({"--help"}).text);
  EXPECT_EQ(answered({"help", "run"}).text, answered({"run", "--help"}).text);
  EXPECT_EQ(answered({"--version"}).exit_code, 0);
}

TEST(CommandLine, TestsTakeOneChoiceAndARunThatMayBeLeftOut) {
  const auto all = parsed<TestsOptions>({"tests"});
  EXPECT_EQ(all.run, std::nullopt);
  EXPECT_EQ(all.wanted, render::TestsWanted::all);
  const auto slow = parsed<TestsOptions>({"tests", "7", "--slow", "--json"});
  EXPECT_EQ(slow.run, 7U);
  EXPECT_EQ(slow.wanted, render::TestsWanted::slow);
  EXPECT_EQ(slow.format, Format::json);
  EXPECT_EQ(parsed<TestsOptions>({"tests", "--history", "a.*"}).history, "a.*");
  EXPECT_EQ(answered({"tests", "--slow", "--flaky"}).exit_code, 2);
}

TEST(CommandLine, ADetachedRunCannotWaitForNobody) {
  EXPECT_TRUE(parsed<RunOptions>({"run", "-d"}).detach);
  EXPECT_FALSE(parsed<RunOptions>({"run"}).detach);
  EXPECT_EQ(answered({"run", "--detach", "--no-wait"}).exit_code, 2);
  const auto attach =
      parsed<AttachOptions>({"attach", "7", "--json", "-j", "2", "--sandbox", "none"});
  EXPECT_EQ(attach.run, 7U);
  EXPECT_EQ(attach.format, Format::json);
  EXPECT_EQ(attach.jobs, 2U);
  EXPECT_EQ(attach.sandbox, SandboxWish::none);
}

TEST(CommandLine, KeepingAStateDirectory) {
  const auto backup = parsed<BackupOptions>({"backup", "team.backup", "--data", "/srv/team"});
  EXPECT_EQ(backup.file, "team.backup");
  EXPECT_EQ(backup.data, "/srv/team");
  EXPECT_TRUE(parsed<RestoreOptions>({"restore", "--check", "team.backup"}).check);
  EXPECT_EQ(answered({"restore", "--check", "team.backup", "--data", "x"}).exit_code, 2);
  const auto gc = parsed<GcOptions>({"gc"});
  EXPECT_EQ(gc.keep_runs, 200U);
  EXPECT_EQ(gc.keep_days, 30U);
  EXPECT_FALSE(gc.dry_run);
  const auto some = parsed<GcOptions>({"gc", "--keep-runs", "5", "--keep-days", "0", "--dry-run"});
  EXPECT_EQ(some.keep_runs, 5U);
  EXPECT_EQ(some.keep_days, 0U);
  EXPECT_TRUE(some.dry_run);
  EXPECT_FALSE(gc.keep_bytes);
  EXPECT_EQ(parsed<GcOptions>({"gc", "--keep-size", "20GB"}).keep_bytes, 20'000'000'000U);
  EXPECT_EQ(answered({"gc", "--keep-size", "much"}).exit_code, 2);
  EXPECT_EQ(answered({"gc", "--keep-runs", "0"}).exit_code, 2)
      << "the newest run's number would be given again";
}

TEST(CommandLine, HelpReadsWell) {
  EXPECT_TRUE(support::matches_golden("cli/help.txt", answered({"--help"}).text));
  for (const char* command :
       {"run",    "check",  "plan",     "graph",  "init",   "schema", "runs",
        "show",   "logs",   "tests",    "attach", "cancel", "retry",  "artifacts",
        "status", "deploy", "rollback", "stop",   "secret", "doctor", "completion",
        "man",    "backup", "restore",  "gc"}) {
    const Answer help = answered({command, "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_TRUE(support::matches_golden("cli/help_" + std::string(command) + ".txt", help.text));
    EXPECT_NE(answered({"--help"}).text.find("\n  " + std::string(command) + " "),
              std::string::npos)
        << "the overview does not name " << command;
  }
}

TEST(CommandLine, EveryMistakeIsOneLineOfCauseAndOneOfWhatToDo) {
  const std::vector<std::vector<std::string>> mistakes = {
      {"run", "--jobs", "0"},
      {"run", "--jobs", "x"},
      {"run", "a", "b"},
      {"run", "--param", "x"},
      {"run", "--sandbox", "big"},
      {"run", "--repo"},
      {"logs", "1", "a", "b"},
      {"rollback"},
      {"rollback", "x", "--to", "-1"},
      {"runs", "--limit", "-1"},
      {"--frobnicate"},
      {"rnus"},
      {"staus"},
      {"run", "--evn-file", "x"},
      {"run", "--stag=unit"},
      {"logs", "last", "--folow"},
      {"deploy", "x", "y@z", "--froce"},
      {"logs", "last", "--tail", "-1"},
      {"logs", "last", "--attempt", "0"},
      {"logs", "lst"},
      {"artifacts"},
      {"artifacts", "get"},
      {"artifacts", "get", "3"},
      {"artifacts", "3", "4"},
      {"artifacts", "list", "3", "4"},
      {"artifacts", "get", "3", "a", "b"},
      {"artifacts", "gte", "3", "a"},
      {"secret"},
      {"secret", "set"},
      {"secret", "frob", "A"},
      {"secret", "list", "A"},
      {"secret", "set", "A", "B"},
      {"repo"},
      {"repo", "protect", "shop"},
      {"repo", "list", "shop"},
      {"group", "add-member", "release"},
      {"role", "grant", "ann"},
      {"pulls", "approve", "shop"},
      {"toggle", "set", "key"},
      {"toggle", "set", "key", "off", "--clear"},
      {"toggle", "list", "key"},
      {"environment", "show", "shop"},
      {"secret", "list", "--global", "--repository", "/r"},
      {"init", "--hook", "make"},
      {"completion"},
      {"completion", "tcsh"},
      {"plan", "--param", "=x"}};
  std::string all;
  for (const auto& mistake : mistakes) {
    const Answer answer = answered(mistake);
    EXPECT_EQ(answer.exit_code, 2);
    EXPECT_EQ(std::count(answer.text.begin(), answer.text.end(), '\n'), 2) << answer.text;
    all += answer.text;
  }
  EXPECT_TRUE(support::matches_golden("cli/mistakes.txt", all));
}

}  // namespace
}  // namespace pipeline::cli
