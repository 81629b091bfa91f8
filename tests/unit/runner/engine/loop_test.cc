#include "runner/engine/loop.h"

#include <csignal>
#include <thread>

#include "tests/unit/runner/engine/engine_fixture.h"

namespace pipeline::engine {
namespace {

using support::make_test_plan;

// A worker on a thread of its own, as the real one is.
class ThreadLink final : public link::Link {
 public:
  explicit ThreadLink(bool obeys_only_kill = false) : obeys_only_kill_(obeys_only_kill) {}
  ~ThreadLink() override { join(); }

  void start(protocol::JobOrder order, link::EventSink& sink) override {
    sink_ = &sink;
    if (waits_for_stop_) return sink.post(run::JobStarted{order.job, order.attempt});
    threads_.emplace_back([order = std::move(order), &sink] {
      sink.post(run::JobLeased{order.job, order.attempt, "thread"});
      sink.post(run::JobStarted{order.job, order.attempt});
      sink.post(run::JobFinished{order.job, order.attempt, JobStatus::succeeded, ""});
    });
  }
  void stop(const std::string& job, std::uint32_t attempt, JobStatus as,
            const std::string& reason) override {
    ++stops;
    if (!obeys_only_kill_) sink_->post(run::JobFinished{job, attempt, as, reason});
    if (obeys_only_kill_ && on_stop) on_stop();
  }
  void stop_now(const std::string& job, std::uint32_t attempt) override {
    sink_->post(run::JobFinished{job, attempt, JobStatus::cancelled, "killed"});
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  bool waits_for_stop_ = false;
  int stops = 0;
  std::function<void()> on_stop;

 private:
  bool obeys_only_kill_;
  link::EventSink* sink_ = nullptr;
  std::vector<std::thread> threads_;
};

class LoopTest : public EngineTest {
 protected:
  std::unique_ptr<Engine> make(Loop& loop, link::Link& link, plan::Plan plan) {
    spec_.jobs = 4;
    return *Engine::create({*store_, link, loop, clock_, workbench_}, {}, spec_, std::move(plan));
  }
};

TEST_F(LoopTest, RunsToTheEndWithWorkersOnTheirOwnThreads) {
  const auto loop = *Loop::make();
  ThreadLink link;
  std::vector<support::JobSketch> jobs(50);
  for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].name = "j" + std::to_string(i);
  const auto engine = make(*loop, link, make_test_plan(jobs));
  must(loop->run(*engine, clock_));
  EXPECT_EQ(engine->state().status, RunStatus::succeeded);
}

Loop* interrupted_loop = nullptr;

TEST_F(LoopTest, ASignalHandlerMayInterruptItAndTheRunIsCancelled) {
  const auto loop = *Loop::make();
  ThreadLink link;
  link.waits_for_stop_ = true;
  const auto engine = make(*loop, link, make_test_plan({{"a"}, {"b", {"a"}}}));
  interrupted_loop = loop.get();
  ::signal(SIGUSR1, [](int) { interrupted_loop->interrupt(); });
  ::raise(SIGUSR1);
  must(loop->run(*engine, clock_));
  EXPECT_EQ(engine->state().status, RunStatus::cancelled);
  EXPECT_EQ(link.stops, 1);
}

TEST_F(LoopTest, TheSecondInterruptKills) {
  const auto loop = *Loop::make();
  ThreadLink link(true);
  link.waits_for_stop_ = true;
  const auto engine = make(*loop, link, make_test_plan({{"a"}}));
  link.on_stop = [&] { loop->interrupt(); };
  loop->interrupt();
  must(loop->run(*engine, clock_));
  EXPECT_EQ(engine->state().jobs[0].reason, "killed");
}

TEST_F(LoopTest, EndsWithTheErrorOfTheStore) {
  const auto loop = *Loop::make();
  ThreadLink link;
  const auto engine = make(*loop, link, make_test_plan({{"a"}}));
  disk_.room = 0;
  EXPECT_FALSE(loop->run(*engine, clock_));
}

}  // namespace
}  // namespace pipeline::engine
