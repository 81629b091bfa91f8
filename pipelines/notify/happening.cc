#include "pipelines/notify/happening.h"

#include <algorithm>

namespace pipeline::notify {

namespace {

using run::Event;

// "integration[database=sqlite]" is of the stage "integration".
std::string stage_of(const std::string& job) {
  return job.substr(0, job.find('['));
}

Happening happening(Happening::Kind kind, const Event& event) {
  return {.kind = kind, .sequence = event.sequence, .at = event.at};
}

template <class Body>
Happening of_job(Happening::Kind kind, const Event& event, const Body& body) {
  Happening one = happening(kind, event);
  one.job = body.job;
  one.attempt = body.attempt;
  return one;
}

}  // namespace

RunFollower::RunFollower(const model::Pipeline& pipeline) {
  for (const model::Stage& stage : pipeline.stages)
    if (stage.kind == model::StageKind::approval) approvals_.insert(stage.name);
}

// The answer is told with the same event as the question: the first of an attempt is that.
bool RunFollower::is_question(const run::JobWaiting& waiting) {
  return approvals_.contains(stage_of(waiting.job)) &&
         asked_.emplace(waiting.job, waiting.attempt).second;
}

void RunFollower::note_end(const std::string& job, run::JobStatus status,
                           const std::string& reason) {
  std::erase_if(troubles_, [&](const Trouble& trouble) { return trouble.job == job; });
  if (!run::is_success(status) && status != run::JobStatus::skipped)
    troubles_.push_back({job, status, reason});
}

std::vector<Happening> RunFollower::take(const Event& event) {
  using Kind = Happening::Kind;
  std::vector<Happening> found;
  if (std::holds_alternative<run::RunCreated>(event.body)) {
    found.push_back(happening(Kind::queued, event));
  } else if (const auto* retried = std::get_if<run::RunRetried>(&event.body)) {
    found.push_back(happening(Kind::queued, event));
    has_started_ = false;
    for (const std::string& job : retried->jobs) note_end(job, run::JobStatus::skipped, "");
  } else if (const auto* waiting = std::get_if<run::JobWaiting>(&event.body)) {
    if (!is_question(*waiting)) return {};
    found.push_back(of_job(Kind::approval, event, *waiting));
    found.back().reason = waiting->reason;
  } else if (const auto* started = std::get_if<run::JobStarted>(&event.body)) {
    if (!has_started_) found.push_back(happening(Kind::started, event));
    has_started_ = true;
    found.push_back(of_job(Kind::job_started, event, *started));
  } else if (const auto* ended = std::get_if<run::JobFinished>(&event.body)) {
    note_end(ended->job, ended->status, ended->reason);
    found.push_back(of_job(Kind::job_finished, event, *ended));
    found.back().job_status = ended->status;
    found.back().reason = ended->reason;
  } else if (const auto* finished = std::get_if<run::RunFinished>(&event.body)) {
    found.push_back(happening(Kind::finished, event));
    found.back().status = finished->status;
    found.back().reason = finished->reason;
    found.back().before = ended_;
    ended_ = finished->status;
  }
  return found;
}

std::vector<Trouble> RunFollower::troubles() const {
  return troubles_;
}

bool may_matter(const Event& event) {
  return std::holds_alternative<run::RunCreated>(event.body) ||
         std::holds_alternative<run::RunRetried>(event.body) ||
         std::holds_alternative<run::JobQueued>(event.body) ||
         std::holds_alternative<run::JobWaiting>(event.body) ||
         std::holds_alternative<run::JobStarted>(event.body) ||
         std::holds_alternative<run::JobFinished>(event.body) ||
         std::holds_alternative<run::RunFinished>(event.body);
}

}  // namespace pipeline::notify
