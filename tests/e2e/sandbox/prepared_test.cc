// Helpers that were made ready before there was a job for them.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "stages/host/file.h"
#include "stages/host/packet.h"
#include "stages/host/process.h"
#include "stages/sandbox/wire.h"
#include "tests/e2e/sandbox/sandbox_fixture.h"

namespace pipeline::sandbox {
namespace {

using Cause = SandboxResult::Cause;

class PreparedTest : public SandboxTest {
 protected:
  // Our children and theirs: the zygote, helpers, and the jobs' first processes.
  static std::vector<int> offspring() {
    std::vector<int> found = {::getpid()};
    for (std::size_t at = 0; at < found.size(); ++at) {
      const std::string task = "/proc/" + std::to_string(found[at]) + "/task";
      std::error_code gone;
      for (const auto& thread : std::filesystem::directory_iterator(task, gone)) {
        std::ifstream children(thread.path() / "children");
        for (int child = 0; children >> child;) found.push_back(child);
      }
    }
    found.erase(found.begin());
    return found;
  }

  // Until there are as many: the zygote works on its own.
  static std::vector<int> await_offspring(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (offspring().size() != count && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return offspring();
  }

  // Dead, that is: a zombie has closed what it had open.
  static bool await_end(int pid) {
    const auto alive = [pid] {
      std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
      std::string number;
      std::string name;
      std::string state;
      return stat >> number >> name >> state && state != "Z";
    };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (alive() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return !alive();
  }

  // A second job needs a second set of directories.
  SandboxPlan another_plan(const std::string& command) const {
    auto second = plan({command});
    for (const char* name : {"upper2", "scratch2", "log2"}) {
      std::filesystem::create_directory(root_ / name);
    }
    second.workspace.upper = root_ / "upper2";
    second.workspace.scratch = root_ / "scratch2";
    second.log_directory = root_ / "log2";
    return second;
  }
};

TEST_F(PreparedTest, RunsAJobLikeANewOne) {
  launcher_->prepare();
  launcher_->prepare();
  EXPECT_EQ(await_offspring(3).size(), 3U) << "zygote, one helper, its job's first process";
  const Ran ran = run("id -un; hostname; ls -A / | tr '\\n' ' '");
  EXPECT_EQ(ran.result.cause, Cause::exited);
  EXPECT_EQ(ran.output, run(another_plan("id -un; hostname; ls -A / | tr '\\n' ' '")).output);
  EXPECT_EQ(await_offspring(1).size(), 1U) << "only the zygote is left";
}

TEST_F(PreparedTest, OneThatIsNotUsedLeavesNothing) {
  launcher_->prepare();
  ASSERT_EQ(await_offspring(3).size(), 3U);
  launcher_.reset();
  EXPECT_EQ(offspring(), std::vector<int>{});
}

TEST_F(PreparedTest, OneThatDiedIsReplaced) {
  launcher_->prepare();
  const auto processes = await_offspring(3);
  ASSERT_EQ(processes.size(), 3U);
  ::kill(processes[1], SIGKILL);
  ASSERT_TRUE(await_end(processes[1]));
  EXPECT_TRUE(await_end(processes[2])) << "its job's first process ends with it";
  EXPECT_EQ(run("echo fine").output, "fine\n");
}

TEST_F(PreparedTest, AZygoteThatDiedIsReplaced) {
  EXPECT_EQ(run("echo one").output, "one\n");
  ASSERT_EQ(await_offspring(1).size(), 1U);
  const int zygote = offspring().front();
  ::kill(zygote, SIGKILL);
  ASSERT_TRUE(await_end(zygote));
  EXPECT_EQ(run(another_plan("echo two")).exit_codes.at(0), 0);
}

TEST_F(PreparedTest, WhatAsksForTheHostsNetworkDoesNotTakeIt) {
  launcher_->prepare();
  ASSERT_EQ(await_offspring(3).size(), 3U);
  auto wishes = plan({"true"});
  wishes.limits.network = model::NetworkMode::host;
  EXPECT_EQ(run(wishes).result.cause, Cause::exited);
  EXPECT_EQ(await_offspring(3).size(), 3U) << "it waits for another job";
}

TEST_F(PreparedTest, NothingOutlivesAKilledLauncher) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t launcher = ::fork();
  if (launcher == 0) {
    launcher_->prepare();
    const auto processes = await_offspring(3);
    for (const int pid : processes) (void)!::write(ready[1], &pid, sizeof pid);
    ::pause();
  }
  std::vector<int> processes(3);
  for (int& pid : processes) ASSERT_EQ(::read(ready[0], &pid, sizeof pid), ssize_t{sizeof pid});
  ::kill(launcher, SIGKILL);
  ::waitpid(launcher, nullptr, 0);
  for (const int pid : processes) EXPECT_TRUE(await_end(pid));
}

// A helper that was installed without its program, or the other way round.
TEST_F(PreparedTest, OfAnotherBuildIsRefusedByName) {
  const auto memory = [](const char* name) {
    return host::UniqueFd(::memfd_create(name, MFD_CLOEXEC));
  };
  const host::UniqueFd complaints = memory("complaints");
  const host::UniqueFd order = memory("order");
  auto zygote = host::make_packet_sockets().value();
  auto control = host::make_packet_sockets().value();
  auto program = host::spawn({.program = PIPELINE_SANDBOX_PROGRAM,
                              .directory = "/",
                              .descriptors = {{kZygoteFd, zygote.theirs.get()}}});
  ASSERT_TRUE(program) << program.error().to_string();
  ASSERT_TRUE(host::send_message(zygote.ours.get(), Birth{Confinement::none},
                                 {control.theirs.get(), complaints.get()}));
  control.theirs.reset();
  ASSERT_TRUE(
      host::send_message(control.ours.get(), Ordered{.version = kWireVersion + 1}, {order.get()}));
  while (host::receive_message<Notice>(control.ours.get())) {
  }
  ::lseek(complaints.get(), 0, SEEK_SET);
  EXPECT_EQ(host::read_all(complaints.get()).value(),
            "pipeline-sandbox: pipeline and pipeline-sandbox are of different builds; build both "
            "with scripts/build\n");
  zygote.ours.reset();
  EXPECT_TRUE(program->wait());
}

}  // namespace
}  // namespace pipeline::sandbox
