#include "pipelines/run/transition.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "pipelines/run/state.h"
#include "tests/support/plans.h"

namespace pipeline::run {
namespace {

JobStatus job_status(std::size_t value) {
  return static_cast<JobStatus>(value);
}
EventKind event_kind(std::size_t value) {
  return static_cast<EventKind>(value);
}

// A legal instance of each event about job "a" at attempt 1.
EventBody sample(EventKind kind) {
  switch (kind) {
    case EventKind::run_created:
      return RunCreated{};
    case EventKind::job_queued:
      return JobQueued{"a", 1};
    case EventKind::job_leased:
      return JobLeased{"a", 1, "local"};
    case EventKind::job_waiting:
      return JobWaiting{"a", 1, "because"};
    case EventKind::job_started:
      return JobStarted{"a", 1};
    case EventKind::command_started:
      return CommandStarted{"a", 1, 0, "make"};
    case EventKind::command_finished:
      return CommandFinished{"a", 1, 0, 0};
    case EventKind::deployment_advanced:
      return DeploymentAdvanced{"a", 1, "production", "prepared", "ready"};
    case EventKind::job_finishing:
      return JobFinishing{"a", 1};
    case EventKind::job_finished:
      return JobFinished{"a", 1, JobStatus::cancelled, "because"};
    case EventKind::job_cached:
      return JobCached{"a", std::nullopt, {}, 3};
    case EventKind::job_skipped:
      return JobSkipped{"a", "because"};
    case EventKind::job_stop_requested:
      return JobStopRequested{"a", 1, JobStatus::timed_out, "because"};
    case EventKind::job_retried:
      return JobRetried{"a", 1, {}, "because"};
    case EventKind::run_cancel_requested:
      return RunCancelRequested{"because"};
    case EventKind::run_retried:
      return RunRetried{{"a"}};
    case EventKind::run_finished:
      return RunFinished{RunStatus::succeeded, ""};
    case EventKind::run_waiting:
      return RunWaiting{"because"};
    case EventKind::child_run_started:
      return ChildRunStarted{"a", 1, 7};
  }
  return RunCreated{};
}

RunState with_job(const plan::Plan& plan, JobStatus status) {
  RunState state = initial_state(plan);
  state.status = RunStatus::running;
  state.jobs[0].status = status;
  state.jobs[0].queued_at = base::TimePoint{};
  return state;
}

TEST(Transition, EveryPairOfJobStateAndEventDoesWhatTheTableSays) {
  const plan::Plan plan = support::make_test_plan({{"a"}});
  for (std::size_t from = 0; from < kJobStatuses; ++from) {
    for (std::size_t kind = 0; kind < kEventKinds; ++kind) {
      const EventBody body = sample(event_kind(kind));
      if (!job_of(body)) continue;
      SCOPED_TRACE(std::string(to_string(job_status(from))) + " × " +
                   std::string(to_string(event_kind(kind))));
      RunState state = with_job(plan, job_status(from));
      const auto applied = apply(state, plan, {1, {}, body});
      const JobTransition* row = find_transition(job_status(from), event_kind(kind));
      EXPECT_EQ(applied.has_value(), row != nullptr);
      const JobStatus expected = row == nullptr ? job_status(from)
                                 : row->to      ? *row->to
                                                : JobStatus::cancelled;
      EXPECT_EQ(state.jobs[0].status, expected);
      EXPECT_EQ(state.last_sequence, row == nullptr ? 0U : 1U);
    }
  }
}

TEST(Transition, EveryPairOfRunStateAndEventDoesWhatTheTableSays) {
  const plan::Plan plan = support::make_test_plan({{"a"}});
  for (std::size_t from = 0; from < kRunStatuses; ++from) {
    for (std::size_t kind = 0; kind < kEventKinds; ++kind) {
      const EventBody body = sample(event_kind(kind));
      if (job_of(body)) continue;
      const auto status = static_cast<RunStatus>(from);
      SCOPED_TRACE(std::string(to_string(status)) + " × " +
                   std::string(to_string(event_kind(kind))));
      RunState state = with_job(plan, JobStatus::succeeded);
      state.status = status;
      const auto applied = apply(state, plan, {1, {}, body});
      const RunTransition* row = find_transition(status, event_kind(kind));
      EXPECT_EQ(applied.has_value(), row != nullptr);
      const RunStatus expected = row == nullptr ? status
                                 : row->to      ? *row->to
                                                : RunStatus::succeeded;
      EXPECT_EQ(state.status, expected);
    }
  }
}

TEST(Transition, NoPairHasTwoRows) {
  std::set<std::pair<JobStatus, EventKind>> seen;
  for (const JobTransition& row : job_transitions()) {
    EXPECT_TRUE(seen.insert({row.from, row.event}).second)
        << to_string(row.from) << " × " << to_string(row.event);
  }
}

TEST(Transition, OnlyARetryLeavesATerminalState) {
  for (const JobTransition& row : job_transitions()) {
    if (is_terminal(row.from)) {
      EXPECT_TRUE(row.event == EventKind::run_retried || row.event == EventKind::job_retried);
    }
  }
}

TEST(Transition, JobEventsOnlyHappenToARunningRun) {
  for (const RunTransition& row : run_transitions()) {
    if (row.from == RunStatus::running) continue;
    EXPECT_TRUE(row.event == EventKind::run_created || row.event == EventKind::run_retried);
  }
}

TEST(Transition, EventNamesAreDistinct) {
  std::set<std::string_view> names;
  for (std::size_t kind = 0; kind < kEventKinds; ++kind) {
    EXPECT_EQ(kind_of(sample(event_kind(kind))), event_kind(kind));
    EXPECT_TRUE(names.insert(to_string(event_kind(kind))).second);
  }
}

// The README shows the table that the code follows. Accept a change with UPDATE_GOLDEN=1.
TEST(Transition, ReadmeShowsTheTable) {
  const std::string path = "pipelines/run/README.md";
  const auto read = [&] {
    std::ifstream stream(path);
    return std::string{std::istreambuf_iterator<char>(stream), {}};
  };
  std::string readme = read();
  const std::string mark = "<!-- transitions -->\n";
  const std::size_t begin = readme.find(mark);
  const std::size_t end = readme.rfind(mark);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_LT(begin, end) << "the table stands between two marks";
  const std::size_t from = begin + mark.size();
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    std::ofstream(path) << readme.replace(from, end - from, transitions_as_markdown());
    return;
  }
  EXPECT_EQ(readme.substr(from, end - from), transitions_as_markdown());
}

}  // namespace
}  // namespace pipeline::run
