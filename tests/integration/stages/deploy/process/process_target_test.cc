// What only processes promise: outliving us, leaving nothing behind, who they are and what they
// see.
#include "stages/deploy/process/process_target.h"

#include <unistd.h>

#include "stages/host/job_user.h"
#include "tests/integration/stages/deploy/process/process_world.h"

namespace pipeline::deploy::process {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ProcessTargetTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(target().install(1, ProcessWorld::artifact())); }

  ProcessTarget& target() { return world_.target(); }
  // Started, as instance "i".
  void start(const std::string& command, base::Duration patience = 5s, int signal = SIGTERM) {
    const auto started = target().start({.name = "i",
                                         .release = 1,
                                         .start = command,
                                         .port = 28101,
                                         .env = {{"PORT", "28101"}},
                                         .stop = {.signal = signal, .timeout = patience}});
    ASSERT_TRUE(started) << started.error().to_string();
  }
  void stop() { ASSERT_TRUE(target().stop("i")); }
  host::ProcessIdentity instance() { return *host::identify(world_.observe("i").pid); }
  host::ProcessIdentity supervisor() { return read_state(world_.place("i"))->supervisor; }
  std::string output() { return world_.observe("i").last_output; }
  // The pid that the instance printed as "NAME=pid".
  host::ProcessIdentity printed(const std::string& name) {
    world_.await_output("i", name + "=");
    const auto text = output();
    return *host::identify(std::stoi(text.substr(text.find(name + "=") + name.size() + 1)));
  }

  ProcessWorld world_;
};

TEST_F(ProcessTargetTest, SeesItsEnvironmentAndNothingOfOurs) {
  ::setenv("SECRET_OF_OURS", "leaked", 1);
  start("env; pwd; echo done; exec sleep 1000000");
  world_.await_output("i", "done");
  EXPECT_THAT(output(), HasSubstr("PORT=28101"));
  EXPECT_THAT(output(), HasSubstr("PATH=/usr/local/bin:/usr/bin:/bin"));
  EXPECT_THAT(output(), HasSubstr("HOME=" + (world_.place("i") / "home").string()));
  EXPECT_THAT(output(), HasSubstr("releases/1/files"));
  EXPECT_THAT(output(), testing::Not(HasSubstr("leaked")));
}

TEST_F(ProcessTargetTest, GivesAPortToOneDeploymentOnly) {
  const auto range = ProcessWorld::ports();
  std::optional<ProcessWorld> other(std::in_place);
  const auto theirs = other->target().free_ports(range, 2, {});
  ASSERT_TRUE(theirs) << theirs.error().to_string();
  const auto ours = target().free_ports(range, 2, {});
  ASSERT_TRUE(ours) << ours.error().to_string();
  EXPECT_THAT(*ours, testing::Not(testing::Contains(testing::AnyOfArray(*theirs))));
  const auto more = target().free_ports(range, 3, {});
  ASSERT_FALSE(more);
  EXPECT_THAT(more.error().message(),
              HasSubstr(std::to_string(theirs->front()) + " by another deployment"));
  other.reset();
  EXPECT_TRUE(target().free_ports(range, 4, {}));
}

TEST_F(ProcessTargetTest, CannotChangeItsReleaseButHasAHome) {
  start(
      "(echo x > new) 2>/dev/null && echo wrote || echo refused;"
      "(echo x > bin/serve) 2>/dev/null && echo wrote || echo refused;"
      "echo x > $HOME/file && echo home; exec sleep 1000000");
  world_.await_output("i", "home");
  EXPECT_THAT(output(), HasSubstr("refused\nrefused\nhome"));
}

TEST_F(ProcessTargetTest, IsNeverRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: an ordinary user's instances run as that user";
  start(
      "id -u; id -G; echo NoNewPrivs: $(grep -c NoNewPrivs:.1 /proc/self/status); echo done; exec "
      "sleep 1000000");
  world_.await_output("i", "done");
  const auto user = host::instance_user();
  EXPECT_NE(user.uid, host::job_user().uid) << "it could write to what jobs build from";
  EXPECT_THAT(output(),
              HasSubstr(std::to_string(user.uid) + "\n" + std::to_string(user.gid) + "\n"));
  EXPECT_THAT(output(), HasSubstr("NoNewPrivs: 1"));
}

TEST_F(ProcessTargetTest, CanOpenItsStandardOutput) {
  start("echo by name >/dev/stdout && echo also >/dev/stderr; echo done; exec sleep 1000000");
  world_.await_output("i", "done");
  EXPECT_THAT(output(), HasSubstr("by name\nalso\ndone"));
}

TEST_F(ProcessTargetTest, OutlivesTheObjectThatStartedIt) {
  start(ProcessWorld::serving());
  const auto running = instance();
  ProcessTarget later(world_.directory(), {}, INSTANCE_PROGRAM);
  const auto seen = later.observe();
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->front().running);
  EXPECT_EQ(seen->front().pid, running.pid);
  EXPECT_TRUE(later.stop("i"));
  EXPECT_FALSE(host::is_alive(running));
}

TEST_F(ProcessTargetTest, IsNobodysChild) {
  start(ProcessWorld::serving());
  // Its supervisor is a daemon: whoever drives deployments for weeks collects no zombies.
  const auto stat = world_.read("/proc/" + std::to_string(supervisor().pid) + "/stat");
  EXPECT_THAT(stat, testing::Not(HasSubstr(") S " + std::to_string(::getpid()) + " ")));
}

TEST_F(ProcessTargetTest, StopsGently) {
  support::TemporaryDirectory shared;
  std::filesystem::permissions(shared.path(), std::filesystem::perms(0777));
  const auto said = shared.path() / "said";
  // It needs a moment to finish what it is doing.
  start("trap 'sleep 0.05; echo bye >" + said.string() +
        "; exit 0' TERM; echo up; while :; do sleep 0.01; done");
  world_.await_output("i", "up");
  stop();
  EXPECT_EQ(world_.read(said), "bye\n");
  EXPECT_FALSE(std::filesystem::exists(world_.place("i")));
}

TEST_F(ProcessTargetTest, UsesItsOwnStopSignal) {
  support::TemporaryDirectory shared;
  std::filesystem::permissions(shared.path(), std::filesystem::perms(0777));
  const auto said = shared.path() / "said";
  start("trap 'echo int >" + said.string() + "; exit 0' INT; trap 'echo term >" + said.string() +
            "; exit 0' TERM; echo up; while :; do sleep 0.01; done",
        5s, SIGINT);
  world_.await_output("i", "up");
  stop();
  EXPECT_EQ(world_.read(said), "int\n");
}

TEST_F(ProcessTargetTest, KillsWhatDoesNotStop) {
  start("trap '' TERM; echo up; while :; do sleep 1000000; done", 50ms);
  world_.await_output("i", "up");
  const auto running = instance();
  stop();
  EXPECT_FALSE(host::is_alive(running));
}

TEST_F(ProcessTargetTest, LeavesNothingOfTheTree) {
  // A child of the group, and a daemon that left group and session and ignores TERM.
  start(
      "sleep 1000000 & echo child=$!;"
      "setsid sh -c 'trap \"\" TERM; echo daemon=$$; sleep 1000000' & wait");
  const auto child = printed("child");
  const auto daemon = printed("daemon");
  stop();
  EXPECT_FALSE(host::is_alive(child));
  EXPECT_FALSE(host::is_alive(daemon));
}

TEST_F(ProcessTargetTest, LeavesNothingOfTheTreeAfterACrash) {
  start("setsid sleep 1000000 & echo daemon=$!; wait");
  const auto daemon = printed("daemon");
  world_.crash("i");
  world_.await("i", [](const ObservedInstance& seen) { return seen.restarts == 1; });
  EXPECT_FALSE(host::is_alive(daemon)) << "it might hold the port";
}

TEST_F(ProcessTargetTest, RestartsWithLongerAndLongerPauses) {
  start("echo started; exit 3");
  world_.await("i", [](const ObservedInstance& seen) { return seen.restarts >= 2; });
  EXPECT_THAT(output(), HasSubstr("the instance ended with exit status 3 and is started again in "
                                  "100 ms"));
  EXPECT_THAT(output(), HasSubstr("started again in 200 ms"));
  EXPECT_FALSE(world_.observe("i").running && world_.observe("i").pid == 0);
  stop();  // also while it waits to start again
}

TEST_F(ProcessTargetTest, DiesWithItsSupervisorAndCanBeStartedAgain) {
  start(ProcessWorld::serving());
  const auto running = instance();
  ASSERT_TRUE(host::end_process(supervisor(), SIGKILL, 10s));
  EXPECT_TRUE(host::wait_until_gone(running, 10s));
  EXPECT_FALSE(world_.observe("i").running);
  start(ProcessWorld::serving());
  EXPECT_TRUE(world_.observe("i").running);
}

TEST_F(ProcessTargetTest, LeavesNoWorkerOfAKilledSupervisor) {
  // As servers fork their workers before the first request.
  start("for i in 1 2; do sh -c 'echo w'$i'=$$; while :; do sleep 1000; done' & done; wait");
  const auto first = printed("w1");
  const auto second = printed("w2");
  const auto parent = instance();
  ASSERT_TRUE(host::end_process(supervisor(), SIGKILL, 10s));
  ASSERT_TRUE(host::wait_until_gone(parent, 10s));
  stop();
  EXPECT_FALSE(host::is_alive(first)) << "it might hold the port";
  EXPECT_FALSE(host::is_alive(second));
}

TEST_F(ProcessTargetTest, IsNotTakenApartBehindItsSupervisor) {
  start(ProcessWorld::serving());
  const auto watcher = supervisor();
  const auto running = instance();
  // As if it had just been started, and had not said yet who it is.
  const auto state = world_.place("i") / kStateFile;
  const auto aside = world_.place("i") / "aside";
  std::filesystem::rename(state, aside);
  std::thread later([&] { std::filesystem::rename(aside, state); });
  stop();
  later.join();
  EXPECT_FALSE(host::is_alive(watcher));
  EXPECT_FALSE(host::is_alive(running));
}

TEST_F(ProcessTargetTest, DoesNotTakeAStrangerForItsInstance) {
  start(ProcessWorld::serving());
  auto state = *read_state(world_.place("i"));
  ASSERT_TRUE(host::end_process(state.supervisor, SIGKILL, 10s));
  // Both pids are somebody else's by now: this test's.
  auto stranger = *host::identify(::getpid());
  stranger.start_ticks -= 1;
  state.supervisor = stranger;
  state.instance = stranger;
  ASSERT_TRUE(write_state(world_.place("i"), state));
  EXPECT_FALSE(world_.observe("i").running);
  stop();
  EXPECT_TRUE(host::identify(::getpid())) << "and it was not signalled";
}

TEST_F(ProcessTargetTest, BoundsItsOutput) {
  start("head -c 5000000 /dev/zero | tr '\\0' 'x'; echo; echo last line; exec sleep 1000000");
  world_.await_output("i", "last line");
  const auto size = std::filesystem::file_size(world_.place("i") / kOutputFile) +
                    std::filesystem::file_size(world_.place("i") / kOlderOutputFile);
  EXPECT_LT(size, 3U << 20U);
}

TEST_F(ProcessTargetTest, SaysWhyItCannotStart) {
  ProcessTarget broken(world_.directory(), {}, "/no/such/program");
  const auto started = broken.start({.name = "j", .release = 1, .start = "true", .port = 1});
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().to_string(), HasSubstr("failed to start instance j"));
  EXPECT_TRUE(broken.stop("j"));
}

TEST_F(ProcessTargetTest, RefusesNamesThatLeadElsewhere) {
  for (const auto* name : {"", "..", "../../x", ".hidden"}) {
    EXPECT_FALSE(target().start({.name = name, .release = 1, .start = "true", .port = 1})) << name;
  }
}

TEST_F(ProcessTargetTest, IgnoresWhatAKilledStarterLeft) {
  std::filesystem::create_directories(world_.place("half-made"));
  EXPECT_TRUE(target().observe().value().empty());
  std::filesystem::create_directories(world_.directory() / "releases/2.making/files");
  EXPECT_TRUE(target().install(2, ProcessWorld::artifact()));
}

TEST_F(ProcessTargetTest, SaysWhichRecordOfALiveInstanceIsDamaged) {
  start(ProcessWorld::serving());
  std::ofstream(world_.place("i") / kOrderFile) << "{}";
  const auto seen = target().observe();
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().kind(), base::ErrorKind::corrupt);
  EXPECT_THAT(seen.error().to_string(), HasSubstr("order.json"));
  EXPECT_TRUE(target().stop("i"));
}

TEST_F(ProcessTargetTest, TakesAnEmptyOrderForTheRemainsOfAPowerCut) {
  std::filesystem::create_directories(world_.place("i"));
  for (const auto* file : {kOrderFile, kStateFile}) {
    const std::ofstream empty(world_.place("i") / file);
    ASSERT_TRUE(empty);
  }
  const auto seen = target().observe();
  ASSERT_TRUE(seen) << seen.error().to_string();
  EXPECT_TRUE(seen->empty());
  start(ProcessWorld::serving());
  EXPECT_TRUE(world_.observe("i").running);
}

TEST_F(ProcessTargetTest, KnowsTheHighestReleaseWhoeverInstalledIt) {
  EXPECT_EQ(target().last_installed(), 1U);
  ASSERT_TRUE(target().install(12, ProcessWorld::artifact()));
  std::filesystem::create_directories(world_.directory() / "releases/40.making");
  EXPECT_EQ(target().last_installed(), 12U);
  EXPECT_EQ(ProcessTarget(world_.directory() / "elsewhere", {}, "").last_installed(), 0U);
}

}  // namespace
}  // namespace pipeline::deploy::process
