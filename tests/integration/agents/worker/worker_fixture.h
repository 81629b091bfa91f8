// A worker with everything real but the deployer, over a repository of its own.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "agents/worker/local_worker.h"
#include "stages/source/git_source.h"
#include "tests/support/git_repository.h"
#include "tests/support/isolation/isolation.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::worker {

// Keeps what was posted, in order, and lets a test wait for it. No wait is longer than a minute,
// after which the test fails instead of hanging.
class Recorder final : public link::EventSink {
 public:
  void post(run::EventBody event) override {
    {
      const std::scoped_lock guard(mutex_);
      events_.push_back(std::move(event));
    }
    changed_.notify_all();
  }

  std::vector<run::EventBody> events() const {
    const std::scoped_lock guard(mutex_);
    return events_;
  }
  template <class Event>
  std::vector<Event> all() const {
    std::vector<Event> found;
    for (const auto& event : events())
      if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    return found;
  }
  template <class Event>
  void wait_for(std::size_t count = 1) const {
    std::unique_lock lock(mutex_);
    const bool there = changed_.wait_for(lock, std::chrono::minutes(1), [&] {
      return static_cast<std::size_t>(std::ranges::count_if(events_, [](const auto& event) {
               return std::holds_alternative<Event>(event);
             })) >= count;
    });
    if (!there) throw std::runtime_error("the event did not come");
  }
  run::JobFinished finished() const {
    wait_for<run::JobFinished>();
    return all<run::JobFinished>().front();
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<run::EventBody> events_;
};

class WorkerTest : public testing::Test {
 protected:
  WorkerTest();
  ~WorkerTest() override;

  std::unique_ptr<link::Link> make_worker(sandbox::Isolation isolation = sandbox::Isolation::full);
  // An attempt of `job` that runs these commands on the repository as it stands.
  protocol::JobOrder order(const std::string& job, std::vector<std::string> commands);
  static protocol::CommandOrder& commands_of(protocol::JobOrder& order) {
    return std::get<protocol::CommandOrder>(order.work);
  }
  // Runs it on a worker of its own, to the end.
  run::JobFinished run(protocol::JobOrder order,
                       sandbox::Isolation isolation = sandbox::Isolation::full);
  std::string log_of(const protocol::JobOrder& order) const;
  bool nothing_left() const;

  support::GitRepository repository;
  support::TemporaryDirectory state;
  std::unique_ptr<source::Source> source;
  workspace::LayerStore layers;
  artifact::ArtifactStore artifacts;
  workspace::CacheStore caches;
  std::unique_ptr<workspace::WorkspaceRoom> workspaces;
  sandbox::Launcher launcher;
  deploy::Deployer* deployer = nullptr;
};

class SandboxedWorkerTest : public WorkerTest {
 protected:
  void SetUp() override {
    if (const auto missing = support::missing_for_isolation()) GTEST_SKIP() << *missing;
  }
};

}  // namespace pipeline::worker
