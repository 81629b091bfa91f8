#include "runner/engine/reports.h"

#include <algorithm>

namespace pipeline::engine {

using run::EventKind;

bool is_report(EventKind kind) {
  switch (kind) {
    case EventKind::job_leased:
    case EventKind::job_waiting:
    case EventKind::job_started:
    case EventKind::command_started:
    case EventKind::command_finished:
    case EventKind::deployment_advanced:
    case EventKind::child_run_started:
    case EventKind::job_finishing:
    case EventKind::job_finished:
      return true;
    case EventKind::run_created:
    case EventKind::job_queued:
    case EventKind::job_cached:
    case EventKind::job_skipped:
    case EventKind::job_stop_requested:
    case EventKind::job_retried:
    case EventKind::run_cancel_requested:
    case EventKind::run_retried:
    case EventKind::run_finished:
    case EventKind::run_waiting:
      break;
  }
  return false;
}

std::vector<run::Event> unrecorded(std::vector<run::Event> reported,
                                   const std::vector<run::Event>& history,
                                   const run::JobRef& attempt) {
  auto news = reported.begin();
  for (const run::Event& event : history) {
    const EventKind kind = run::kind_of(event.body);
    const auto ref = run::job_of(event.body);
    if (!is_report(kind) || ref->job != attempt.job || ref->attempt != attempt.attempt) continue;
    const auto same = std::find_if(news, reported.end(), [&](const auto& report) {
      return run::kind_of(report.body) == kind;
    });
    if (same != reported.end()) news = std::next(same);
  }
  reported.erase(reported.begin(), news);
  return reported;
}

}  // namespace pipeline::engine
