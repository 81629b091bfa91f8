#include "pipelines/run/transition.h"

#include <algorithm>
#include <array>
#include <map>
#include <type_traits>

namespace pipeline::run {

namespace {

using J = JobStatus;
using R = RunStatus;
using E = EventKind;

constexpr std::array<std::string_view, kEventKinds> kWords = {
    "run-created",        "job-queued",      "job-leased",           "job-waiting",
    "job-started",        "command-started", "command-finished",     "deployment-advanced",
    "job-finishing",      "job-finished",    "job-cached",           "job-skipped",
    "job-stop-requested", "job-retried",     "run-cancel-requested", "run-retried",
    "run-finished",       "run-waiting",     "child-run-started"};

constexpr std::nullopt_t kAsTheEventSays = std::nullopt;

// A report that got lost must not make the following ones illegal: so every later report of a
// worker is allowed in every earlier state of its attempt.
constexpr JobTransition kJobTable[] = {
    {J::waiting, E::job_queued, J::queued},
    {J::waiting, E::job_skipped, J::skipped},
    {J::waiting, E::job_finished, J::cancelled},  // the run was cancelled before its turn
    {J::waiting, E::run_retried, J::waiting},

    {J::queued, E::job_leased, J::leased},
    {J::queued, E::job_waiting, J::leased},
    {J::queued, E::job_started, J::running},
    {J::queued, E::command_started, J::running},
    {J::queued, E::command_finished, J::running},
    {J::queued, E::deployment_advanced, J::running},
    {J::queued, E::child_run_started, J::running},
    {J::queued, E::job_finishing, J::finishing},
    {J::queued, E::job_finished, kAsTheEventSays},
    {J::queued, E::job_cached, J::cached},
    {J::queued, E::job_stop_requested, J::queued},
    {J::queued, E::run_retried, J::waiting},  // offered by a coordinator that died

    {J::leased, E::job_waiting, J::leased},
    {J::leased, E::job_started, J::running},
    {J::leased, E::command_started, J::running},
    {J::leased, E::command_finished, J::running},
    {J::leased, E::deployment_advanced, J::running},
    {J::leased, E::child_run_started, J::running},
    {J::leased, E::job_finishing, J::finishing},
    {J::leased, E::job_finished, kAsTheEventSays},
    {J::leased, E::job_stop_requested, J::leased},

    {J::running, E::job_started, J::running},  // a deployment that waited for its turn
    {J::running, E::command_started, J::running},
    {J::running, E::command_finished, J::running},
    {J::running, E::deployment_advanced, J::running},
    {J::running, E::child_run_started, J::running},
    {J::running, E::job_finishing, J::finishing},
    {J::running, E::job_finished, kAsTheEventSays},
    {J::running, E::job_stop_requested, J::running},

    {J::finishing, E::job_finished, kAsTheEventSays},
    {J::finishing, E::job_stop_requested, J::finishing},

    {J::succeeded, E::run_retried, J::waiting},
    {J::failed, E::job_retried, J::waiting},  // the stage's own `retry`
    {J::failed, E::run_retried, J::waiting},
    {J::errored, E::job_retried, J::waiting},
    {J::errored, E::run_retried, J::waiting},
    {J::timed_out, E::job_retried, J::waiting},
    {J::timed_out, E::run_retried, J::waiting},
    {J::cancelled, E::run_retried, J::waiting},
    {J::skipped, E::run_retried, J::waiting},
    {J::cached, E::run_retried, J::waiting},
};

constexpr RunTransition kRunTable[] = {
    {R::created, E::run_created, R::running},

    {R::running, E::run_waiting, R::running},
    {R::running, E::job_queued, R::running},
    {R::running, E::job_leased, R::running},
    {R::running, E::job_waiting, R::running},
    {R::running, E::job_started, R::running},
    {R::running, E::command_started, R::running},
    {R::running, E::command_finished, R::running},
    {R::running, E::deployment_advanced, R::running},
    {R::running, E::child_run_started, R::running},
    {R::running, E::job_finishing, R::running},
    {R::running, E::job_finished, R::running},
    {R::running, E::job_cached, R::running},
    {R::running, E::job_skipped, R::running},
    {R::running, E::job_stop_requested, R::running},
    {R::running, E::job_retried, R::running},
    {R::running, E::run_cancel_requested, R::running},
    {R::running, E::run_retried, R::running},  // taken over from a coordinator that died
    {R::running, E::run_finished, kAsTheEventSays},

    {R::succeeded, E::run_retried, R::running},
    {R::failed, E::run_retried, R::running},
    {R::errored, E::run_retried, R::running},
    {R::cancelled, E::run_retried, R::running},
};

template <class Row, class Status>
const Row* find_row(std::span<const Row> table, Status from, EventKind event) {
  const auto found = std::ranges::find_if(
      table, [&](const Row& row) { return row.from == from && row.event == event; });
  return found == table.end() ? nullptr : &*found;
}

template <class Row>
std::string markdown(std::span<const Row> table, std::string_view title) {
  std::string text = "| " + std::string(title) + " | event → next |\n|---|---|\n";
  for (auto row = table.begin(); row != table.end();) {
    const auto from = row->from;
    text += "| " + std::string(to_string(from)) + " |";
    for (std::string_view separator = " "; row != table.end() && row->from == from; ++row) {
      text += std::string(separator) + std::string(to_string(row->event)) + " → " +
              (row->to ? std::string(to_string(*row->to)) : "*as it says*");
      separator = ", ";
    }
    text += " |\n";
  }
  return text;
}

}  // namespace

EventKind kind_of(const EventBody& body) {
  return static_cast<EventKind>(body.index());
}

std::string_view to_string(EventKind kind) {
  return kWords[static_cast<std::size_t>(kind)];
}

std::optional<JobRef> job_of(const EventBody& body) {
  return std::visit(
      [](const auto& event) -> std::optional<JobRef> {
        if constexpr (requires { event.attempt; }) {
          return JobRef{event.job, event.attempt};
        } else if constexpr (requires { event.job; }) {
          return JobRef{event.job, std::nullopt};
        } else {
          return std::nullopt;
        }
      },
      body);
}

std::span<const JobTransition> job_transitions() {
  return kJobTable;
}
std::span<const RunTransition> run_transitions() {
  return kRunTable;
}

const JobTransition* find_transition(JobStatus from, EventKind event) {
  return find_row(job_transitions(), from, event);
}

const RunTransition* find_transition(RunStatus from, EventKind event) {
  return find_row(run_transitions(), from, event);
}

std::string transitions_as_markdown() {
  return markdown(job_transitions(), "job is") + "\n" + markdown(run_transitions(), "run is");
}

}  // namespace pipeline::run
