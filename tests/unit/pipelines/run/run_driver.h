// Feeds a state events the way an engine does, for tests of pipelines/run.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pipelines/run/next.h"
#include "pipelines/run/state.h"

namespace pipeline::run {

inline constexpr base::TimePoint kStart{std::chrono::hours(1000)};

// Holds a plan, its state and the events so far; refuses what apply() refuses.
class RunDriver {
 public:
  explicit RunDriver(plan::Plan plan, std::uint32_t jobs = 100)
      : plan_(std::move(plan)), state_(initial_state(plan_)) {
    limits_.jobs = jobs;
  }

  base::Result<> feed(EventBody body) {
    Event event{state_.last_sequence + 1, now_, std::move(body)};
    PIPELINE_TRY(apply(state_, plan_, event));
    events_.push_back(std::move(event));
    return {};
  }
  void must(EventBody body) {
    const auto fed = feed(std::move(body));
    ASSERT_TRUE(fed) << fed.error().to_string();
  }
  // Records what follows; Start makes an offer. Returns the starts and stops of the last answer.
  std::vector<Action> settle() {
    for (;;) {
      std::vector<Action> actions = next(state_, plan_, limits_, now_);
      bool recorded = false;
      for (Action& action : actions) {
        if (auto* record = std::get_if<Record>(&action)) {
          must(std::move(record->body));
          recorded = true;
        }
      }
      if (recorded) continue;
      for (const Action& action : actions) {
        if (const auto* start = std::get_if<Start>(&action)) {
          limits_.offers.push_back({start->job, now_});
        }
      }
      return actions;
    }
  }
  // What a worker reports about the job's current attempt.
  void lease(std::size_t job) { must(JobLeased{name(job), attempt(job), "local"}), forget(job); }
  void finish(const std::string& job, JobStatus status) {
    const std::size_t index = *plan_.find(job);
    must(JobFinished{job, attempt(index), status, status == JobStatus::succeeded ? "" : "because"});
    forget(index);
    settle();
  }
  void lose_unstarted(const std::string& job) {
    const std::size_t index = *plan_.find(job);
    JobFinished lost{job, attempt(index), JobStatus::errored, "its agent died"};
    lost.unstarted = true;
    must(std::move(lost));
    forget(index);
    settle();
  }
  void begin() {
    must(RunCreated{});
    settle();
  }
  void sleep(base::Duration by) { now_ += by; }
  void forget(std::size_t job) {
    std::erase_if(limits_.offers, [&](const Offer& offer) { return offer.job == job; });
  }

  const std::string& name(std::size_t job) const { return plan_.jobs[job].name; }
  std::uint32_t attempt(std::size_t job) const { return state_.jobs[job].attempt; }
  const JobState& job(const std::string& job) const { return state_.jobs[*plan_.find(job)]; }
  JobStatus status(const std::string& name) const { return job(name).status; }
  std::string reason(const std::string& name) const { return job(name).reason; }

  const plan::Plan& plan() const { return plan_; }
  const RunState& state() const { return state_; }
  const Limits& limits() const { return limits_; }
  const std::vector<Event>& events() const { return events_; }
  base::TimePoint now() const { return now_; }

 private:
  plan::Plan plan_;
  RunState state_;
  Limits limits_;
  std::vector<Event> events_;
  base::TimePoint now_ = kStart;
};

}  // namespace pipeline::run
