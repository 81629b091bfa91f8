// Random plans and random but legal workers: whatever they do, a run ends.
#include <gtest/gtest.h>

#include "tests/support/plans.h"
#include "tests/support/property.h"
#include "tests/unit/pipelines/run/run_driver.h"

namespace pipeline::run {
namespace {

using model::NeedsStatus;
using support::JobSketch;

bool one_in(int n) {
  return *rc::gen::inRange(0, n) == 0;
}

std::vector<JobSketch> random_jobs() {
  std::vector<JobSketch> jobs(static_cast<std::size_t>(*rc::gen::inRange(1, 9)));
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    jobs[job].name = "j" + std::to_string(job);
    for (std::size_t need = 0; need < job; ++need) {
      if (one_in(3)) jobs[job].needs.push_back(jobs[need].name + (one_in(4) ? "?" : ""));
    }
    jobs[job].allow_failure = one_in(5);
    jobs[job].status = *rc::gen::weightedElement<NeedsStatus>(
        {{6, NeedsStatus::success}, {1, NeedsStatus::failure}, {1, NeedsStatus::always}});
    if (one_in(3)) {
      jobs[job].retry = model::RetrySpec{.max = static_cast<std::uint32_t>(*rc::gen::inRange(1, 4)),
                                         .on_errored = one_in(2),
                                         .on_failed = one_in(2),
                                         .on_timeout = one_in(2),
                                         .backoff = std::chrono::seconds(*rc::gen::inRange(0, 90))};
    }
    if (one_in(8)) jobs[job].skip_reason = "its condition does not hold";
  }
  return jobs;
}

// One thing that some worker with a job could report now, or silence.
void let_a_worker_act(RunDriver& driver) {
  std::vector<std::size_t> held;
  for (std::size_t job = 0; job < driver.plan().jobs.size(); ++job) {
    const JobStatus status = driver.state().jobs[job].status;
    if (status == JobStatus::queued || is_active(status)) held.push_back(job);
  }
  if (held.empty()) return;
  const std::size_t job = *rc::gen::elementOf(held);
  const std::string& name = driver.name(job);
  const std::uint32_t attempt = driver.attempt(job);
  const auto report = *rc::gen::element<EventBody>(
      JobLeased{name, attempt, "local"}, JobStarted{name, attempt},
      CommandStarted{name, attempt, 0, "make"}, CommandFinished{name, attempt, 0, 0},
      JobFinishing{name, attempt}, JobFinished{name, attempt, JobStatus::succeeded, ""},
      JobFinished{name, attempt, JobStatus::failed, "no"},
      JobFinished{name, attempt, JobStatus::errored, "us"});
  // What was not offered has no worker.
  const bool offered =
      std::ranges::find(driver.limits().offers, job, &Offer::job) != driver.limits().offers.end();
  if (!offered && driver.state().jobs[job].status == JobStatus::queued) return;
  if (driver.feed(report)) driver.forget(job);
}

std::size_t busy(const RunDriver& driver) {
  const auto active = std::ranges::count_if(
      driver.state().jobs, [](const JobState& job) { return is_active(job.status); });
  return static_cast<std::size_t>(active) + driver.limits().offers.size();
}

void check_reasons(const RunDriver& driver) {
  for (const JobState& job : driver.state().jobs) {
    const bool speaks = job.status != JobStatus::running && job.status != JobStatus::succeeded;
    if (speaks) RC_ASSERT(!job.reason.empty());
  }
}

void check_asking_twice(const RunDriver& driver) {
  const auto again = [&] {
    return next(driver.state(), driver.plan(), driver.limits(), driver.now());
  };
  const auto first = again();
  const auto second = again();
  RC_ASSERT(first.size() == second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    RC_ASSERT(first[i].index() == second[i].index());
    RC_ASSERT(!std::holds_alternative<Record>(first[i]));  // settled: nothing is left to record
    RC_ASSERT(!std::holds_alternative<Start>(first[i]));   // every start was offered
  }
}

// A need that is over when its dependent starts, in the words of the contract.
void check_starts(const RunDriver& driver, const std::vector<Action>& actions) {
  for (const Action& action : actions) {
    const auto* start = std::get_if<Start>(&action);
    if (start == nullptr) continue;
    RC_ASSERT(!driver.plan().jobs[start->job].skip_reason);
    for (const plan::JobNeed& need : driver.plan().jobs[start->job].needs) {
      RC_ASSERT(is_terminal(driver.state().jobs[need.job].status));
    }
  }
}

void drive_to_the_end(RunDriver& driver) {
  const std::uint32_t bound = driver.limits().jobs;
  for (int step = 0; driver.state().status == RunStatus::running; ++step) {
    RC_ASSERT(step < 2000);
    let_a_worker_act(driver);
    if (one_in(60) && !driver.state().cancelling) {
      driver.must(RunCancelRequested{"because"});
    }
    if (one_in(20)) driver.sleep(std::chrono::minutes(*rc::gen::inRange(1, 30)));
    check_starts(driver, driver.settle());
    RC_ASSERT(busy(driver) <= bound);
    check_reasons(driver);
    check_asking_twice(driver);
  }
  for (const JobState& job : driver.state().jobs) RC_ASSERT(is_terminal(job.status));
}

RC_GTEST_PROP(RunProperty, ARunAlwaysEndsWithinItsBounds, ()) {
  RunDriver driver(support::make_test_plan(random_jobs()),
                   static_cast<std::uint32_t>(*rc::gen::inRange(1, 4)));
  driver.begin();
  drive_to_the_end(driver);
}

RC_GTEST_PROP(RunProperty, ARetryEndsTooAndSuccessesAreLeftAlone, ()) {
  RunDriver driver(support::make_test_plan(random_jobs()), 2);
  driver.begin();
  drive_to_the_end(driver);
  std::vector<std::string> failed;
  for (std::size_t job = 0; job < driver.plan().jobs.size(); ++job) {
    const JobStatus status = driver.state().jobs[job].status;
    if (!is_success(status) && status != JobStatus::skipped) failed.push_back(driver.name(job));
  }
  const RunState before = driver.state();
  driver.must(RunRetried{failed});
  driver.settle();
  for (std::size_t job = 0; job < before.jobs.size(); ++job) {
    if (!is_success(before.jobs[job].status)) continue;
    RC_ASSERT(driver.state().jobs[job].status == before.jobs[job].status);
    RC_ASSERT(driver.state().jobs[job].attempt == before.jobs[job].attempt);
  }
  drive_to_the_end(driver);
}

RC_GTEST_PROP(RunProperty, ReplayLeadsToTheLiveState, ()) {
  RunDriver driver(support::make_test_plan(random_jobs()), 2);
  driver.begin();
  drive_to_the_end(driver);
  const auto replayed = replay(driver.plan(), driver.events());
  RC_ASSERT(replayed.has_value());
  RC_ASSERT(replayed->status == driver.state().status);
  for (std::size_t job = 0; job < replayed->jobs.size(); ++job) {
    RC_ASSERT(replayed->jobs[job].status == driver.state().jobs[job].status);
    RC_ASSERT(replayed->jobs[job].reason == driver.state().jobs[job].reason);
  }
}

}  // namespace
}  // namespace pipeline::run
