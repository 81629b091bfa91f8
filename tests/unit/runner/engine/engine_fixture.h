// An engine over a store in memory, a clock that stands still and a link that only writes down.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "runner/engine/engine.h"
#include "tests/support/engine/memory_workbench.h"
#include "tests/support/engine/recording_link.h"
#include "tests/support/manual_clock.h"
#include "tests/support/plans.h"
#include "tests/support/store/memory_run_store.h"

namespace pipeline::engine {

using run::JobStatus;
using run::RunStatus;

class EngineTest : public testing::Test {
 protected:
  // Begins a run of the plan.
  void begin(plan::Plan plan, std::uint32_t jobs = 4) {
    plan_ = plan;
    spec_.pipeline = "shop";
    spec_.jobs = jobs;
    auto made = Engine::create(around(), settings(), spec_, std::move(plan));
    ASSERT_TRUE(made) << made.error().to_string();
    engine_ = *std::move(made);
  }
  // The coordinator dies and another one takes over.
  base::Result<> reopen(const Retry& retry = {}) {
    const run::RunId id = engine_->id();
    die();
    auto made = Engine::reopen(around(), settings(), id, plan_, retry);
    if (!made) return base::fail(made.error());
    engine_ = *std::move(made);
    return {};
  }
  // The coordinator dies and another one goes on as if it had not.
  base::Result<> resume(const std::optional<std::string>& cancel_reason = std::nullopt) {
    const run::RunId id = engine_->id();
    die();
    auto made = Engine::resume(around(), settings(), id, plan_, cancel_reason);
    if (!made) return base::fail(made.error());
    engine_ = *std::move(made);
    return {};
  }
  void die() {
    engine_.reset();
    store_ = std::make_unique<support::MemoryRunStore>(disk_);
  }
  void report(run::EventBody body) { must(engine_->handle(std::vector{std::move(body)})); }
  void finish(const std::string& job, JobStatus status = JobStatus::succeeded) {
    report(run::JobFinished{job, attempt(job), status,
                            status == JobStatus::succeeded ? "" : "because"});
  }
  static void must(const base::Result<>& done) { ASSERT_TRUE(done) << done.error().to_string(); }

  const run::JobState& job(const std::string& name) const {
    return engine_->state().jobs[*engine_->plan().find(name)];
  }
  JobStatus status(const std::string& name) const { return job(name).status; }
  std::uint32_t attempt(const std::string& name) const { return job(name).attempt; }
  std::size_t stored() { return store_->events(engine_->id())->size(); }

  Surroundings around() { return {*store_, link_, sink_, clock_, workbench_}; }
  Settings settings() {
    return {[this](const std::set<std::string>& names, const std::string& repository) {
              asked_ = names;
              EXPECT_EQ(repository, spec_.repository);
              return base::Result<std::map<std::string, std::string>>(secrets_);
            },
            {[this](const run::Event& event, const run::RunState&, const plan::Plan&) {
              EXPECT_EQ(disk_.runs[disk_.last_id].events.size() >= event.sequence, true)
                  << "an observer hears only of what is stored";
              seen_.push_back(event);
            }},
            std::nullopt,
            sandboxed_};
  }

  support::MemoryDisk disk_;
  std::unique_ptr<support::MemoryRunStore> store_ =
      std::make_unique<support::MemoryRunStore>(disk_);
  support::RecordingLink link_;
  support::SilentSink sink_;
  support::ManualClock clock_;
  support::MemoryWorkbench workbench_;
  std::map<std::string, std::string> secrets_;
  std::set<std::string> asked_;  // what the engine wanted last
  bool sandboxed_ = true;
  run::RunSpec spec_;
  plan::Plan plan_;
  std::vector<run::Event> seen_;
  std::unique_ptr<Engine> engine_;
};

inline base::Digest digest(std::uint8_t fill) {
  base::Digest::Bytes bytes{};
  bytes.fill(fill);
  return base::Digest(bytes);
}

}  // namespace pipeline::engine
