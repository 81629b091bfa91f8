// runs, show, logs, cancel and artifacts, over a store in memory.
#include "stages/log/writer.h"
#include "tests/support/golden.h"
#include "tests/unit/runner/cli/world.h"

namespace pipeline::cli {
namespace {

std::vector<run::EventBody> succeeded(const std::string& job) {
  run::JobFinished finished;
  finished.job = job;
  return {run::JobQueued{job, 1},
          run::JobLeased{job, 1, "local"},
          run::JobStarted{job, 1},
          run::CommandStarted{job, 1, 0, "true"},
          run::CommandFinished{job, 1, 0, 0},
          run::JobFinishing{job, 1},
          finished};
}

std::vector<run::EventBody> whole_run() {
  std::vector<run::EventBody> all = succeeded("a");
  for (auto& body : succeeded("b")) all.push_back(body);
  std::get<run::JobFinished>(all[6]).artifacts = {
      {"shop", base::Digest(base::Digest::Bytes{}), 2048}};
  all.emplace_back(run::RunFinished{run::RunStatus::succeeded, ""});
  return all;
}

TEST(RunsCommand, ListsTheNewestFirst) {
  World world;
  world.add_run(whole_run());
  world.add_run(succeeded("a"));
  ASSERT_EQ(world.execute(RunsOptions{}), ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/runs.txt", world.out()));
}

// What runs of the working tree are stored under in which the user then stands.
std::string stand_in_a_repository(World& world) {
  std::filesystem::create_directory(world.directory().path() / ".git");
  return std::filesystem::canonical(world.directory().path()).string();
}

TEST(RunsCommand, ListsThoseOfTheRepositoryHereOrOfAll) {
  World world;
  const std::string here = stand_in_a_repository(world);
  world.add_run(whole_run(), here);
  world.add_run(whole_run(), "https://git.example.org/customers/of/long/standing/shop");
  world.add_run(whole_run(), "/srv/shop");
  ASSERT_EQ(world.execute(RunsOptions{}), ExitCode::success);
  const std::string own = world.out();
  EXPECT_EQ(std::count(own.begin(), own.end(), '\n'), 2) << own;
  EXPECT_EQ(own.find("repository"), std::string::npos) << own;

  World again;
  stand_in_a_repository(again);
  again.add_run(whole_run(), "https://git.example.org/customers/of/long/standing/shop");
  again.add_run(whole_run(), "/srv/shop");
  RunsOptions all;
  all.all = true;
  ASSERT_EQ(again.execute(all), ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/runs_all.txt", again.out()));
}

TEST(RunsCommand, SaysThatThereAreOnlyOthers) {
  World world;
  const std::string here = stand_in_a_repository(world);
  world.add_run(whole_run());
  ASSERT_EQ(world.execute(RunsOptions{}), ExitCode::success);
  EXPECT_EQ(world.out(),
            "no runs of this repository yet; --all lists those of other repositories\n");
  const auto last = world.execute(ShowOptions{});
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().to_string(), "there are no runs of " + here + " yet");
}

TEST(ShowCommand, TakesTheLastRunOfTheRepositoryHere) {
  World world;
  const std::string here = stand_in_a_repository(world);
  const auto mine = world.add_run(whole_run(), here);
  for (int others = 0; others < 100; ++others) world.add_run(succeeded("a"));
  ASSERT_EQ(world.execute(ShowOptions{}), ExitCode::success);
  EXPECT_TRUE(world.out().starts_with("run " + std::to_string(mine) + ":")) << world.out();
}

TEST(RunsCommand, IsJsonForPrograms) {
  World world;
  world.add_run(whole_run());
  RunsOptions options;
  options.format = Format::json;
  ASSERT_EQ(world.execute(options), ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/runs.json", world.out()));
}

TEST(ShowCommand, TellsARunAndThatNobodyDrivesIt) {
  World world;
  world.add_run(succeeded("a"));
  ASSERT_EQ(world.execute(ShowOptions{}), ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/show_interrupted.txt", world.out()));
}

TEST(ShowCommand, KnowsNoRunThatIsNotThere) {
  World world;
  const auto none_yet = world.execute(ShowOptions{});
  ASSERT_FALSE(none_yet);
  EXPECT_EQ(none_yet.error().to_string(), "there are no runs yet");
  const auto unknown = world.execute(ShowOptions{7});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind(), base::ErrorKind::invalid);
}

TEST(RunsCommand, HasNoTrailingBlanksWithoutACommit) {
  World world;
  world.add_run(whole_run(), "/srv/shop", "");
  ASSERT_EQ(world.execute(RunsOptions{}), ExitCode::success);
  EXPECT_EQ(world.out().find(" \n"), std::string::npos);
}

TEST(ArtifactsCommand, ListsWhatARunMade) {
  World world;
  world.add_run(whole_run());
  ASSERT_EQ(world.execute(ArtifactsListOptions{}), ExitCode::success);
  EXPECT_TRUE(support::matches_golden("cli/artifacts.txt", world.out()));
}

TEST(ArtifactsCommand, GuessesNoName) {
  World world;
  world.add_run(whole_run());
  const auto outcome = world.execute(ArtifactsGetOptions{{}, "shp", {}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().hint(), "it made: shop");
}

TEST(CancelCommand, FindsNobodyToAsk) {
  World world;
  world.add_run(whole_run());
  const auto outcome = world.execute(CancelOptions{1});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().to_string(), "run 1 is not under way");
}

class LogsCommand : public testing::Test {
 protected:
  void write_log(const std::string& job, const std::string& text) {
    const auto directory = world_.places().job(1, job, 1);
    std::filesystem::create_directories(directory);
    auto writer = log::LogWriter::create(directory, std::uint64_t{1} << 20U).value();
    ASSERT_TRUE(writer.append(text, base::TimePoint(std::chrono::seconds(1'790'000'000))));
    ASSERT_TRUE(writer.finish(base::TimePoint(std::chrono::seconds(1'790'000'001))));
  }

  World world_;
};

TEST_F(LogsCommand, PrintsOneJobByteByByte) {
  world_.add_run(whole_run());
  write_log("a", "one\n\x1b[1mtwo\x1b[0m\nthree");
  LogsOptions options;
  options.job = "a";
  ASSERT_EQ(world_.execute(options), ExitCode::success);
  EXPECT_EQ(world_.out(), "one\n\x1b[1mtwo\x1b[0m\nthree");
}

TEST_F(LogsCommand, NamesTheJobOfEachLineWhenThereAreSeveral) {
  world_.add_run(whole_run());
  write_log("a", "one\ntwo\n");
  write_log("b", "three\n");
  ASSERT_EQ(world_.execute(LogsOptions{}), ExitCode::success);
  EXPECT_EQ(world_.out(), "a | one\na | two\nb | three\n");
}

TEST_F(LogsCommand, PrintsTheLastLinesWithTheirTime) {
  world_.add_run(whole_run());
  write_log("a", "one\ntwo\n");
  LogsOptions options;
  options.job = "a";
  options.tail = 1;
  options.timestamps = true;
  ASSERT_EQ(world_.execute(options), ExitCode::success);
  EXPECT_EQ(world_.out(), "2026-09-21T14:13:20.000000Z two\n");
}

TEST_F(LogsCommand, EndsToFollowARunThatNobodyDrives) {
  world_.add_run(succeeded("a"));
  write_log("a", "one\n");
  LogsOptions options;
  options.follow = true;
  ASSERT_EQ(world_.execute(options), ExitCode::success);
  EXPECT_EQ(world_.out(), "a | one\n");
}

TEST_F(LogsCommand, SaysWhyThereIsNone) {
  world_.add_run(succeeded("a"));
  LogsOptions options;
  options.job = "b";
  const auto outcome = world_.execute(options);
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(outcome.error().to_string().starts_with("b has no log: it is waiting"))
      << outcome.error().to_string();
}

TEST_F(LogsCommand, SaysThatThereIsNoSuchAttempt) {
  world_.add_run(whole_run());
  write_log("a", "one\n");
  LogsOptions options;
  options.attempt = 9;
  const auto of_all = world_.execute(options);
  ASSERT_FALSE(of_all);
  EXPECT_EQ(of_all.error().kind(), base::ErrorKind::invalid);
  EXPECT_EQ(of_all.error().to_string(), "no job of run 1 has an attempt 9 with a log");
  options.job = "a";
  const auto of_one = world_.execute(options);
  ASSERT_FALSE(of_one);
  EXPECT_EQ(of_one.error().to_string(), "a has no attempt 9");
  EXPECT_EQ(of_one.error().hint(), "its last is 1");
}

}  // namespace
}  // namespace pipeline::cli
