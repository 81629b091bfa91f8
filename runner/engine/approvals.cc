#include "runner/engine/approvals.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "pipelines/access/subject.h"
#include "pipelines/base/text.h"
#include "stages/host/hash.h"

namespace pipeline::engine {

namespace {

using base::Error;
using base::ErrorKind;

bool is_he(const std::string& approver, const Decider& decider) {
  const access::Subject subject = access::parse_subject(approver);
  if (subject.kind == access::Subject::Kind::group)
    return decider.is_in && decider.is_in(subject.name);
  const bool may_be_service = !approver.starts_with(access::kUserPrefix);
  return subject.name == decider.name && (may_be_service || decider.is_in);
}

bool may_decide(const model::ApprovalWork& work, const Decider& decider) {
  return work.approvers.empty() ||
         std::ranges::any_of(work.approvers,
                             [&](const std::string& approver) { return is_he(approver, decider); });
}

bool names_people(const std::string& approver) {
  return approver.starts_with(access::kGroupPrefix) || approver.starts_with(access::kUserPrefix);
}

Error not_an_approver(const model::ApprovalWork& work, const std::string& stage,
                      const Decider& decider) {
  std::string hint = "its approvers are " + base::join(work.approvers, ", ");
  if (std::ranges::any_of(work.approvers, names_people) && !decider.is_in)
    hint += "; a service's token is no person, and in no group";
  return Error(ErrorKind::permission, base::printable(decider.name) + " may not decide on " + stage)
      .hint(hint);
}

// What of a run waits for a person now, as a hint.
std::string what_waits(const StoredRun& run) {
  std::vector<std::string> names;
  for (std::size_t job = 0; job < run.plan.jobs.size(); ++job) {
    const bool is_approval =
        run.plan.stage_of(run.plan.jobs[job]).kind == model::StageKind::approval;
    if (is_approval && run::is_active(run.state.jobs[job].status)) {
      names.push_back(run.plan.jobs[job].name);
    }
  }
  return names.empty() ? "nothing of it waits for approval"
                       : "waiting for approval: " + base::join(names, ", ");
}

}  // namespace

base::Result<std::size_t> find_waiting(const StoredRun& run, const std::string& stage,
                                       const Decider& decider) {
  const auto refuse = [&](const std::string& cause) {
    return base::fail(Error(ErrorKind::invalid, cause).hint(what_waits(run)));
  };
  const auto job = run.plan.find(stage);
  if (!job) return refuse("the run has no stage \"" + base::printable(stage) + "\"");
  const auto* work = std::get_if<model::ApprovalWork>(&run.plan.stage_of(run.plan.jobs[*job]).work);
  if (work == nullptr) return refuse(stage + " is no approval");
  const run::JobState& state = run.state.jobs[*job];
  if (run::is_terminal(state.status)) {
    return refuse(stage + " is over: " + std::string(run::to_string(state.status)));
  }
  if (!run::is_active(state.status)) return refuse(stage + " is " + state.reason);
  if (!may_decide(*work, decider)) return base::fail(not_an_approver(*work, stage, decider));
  return *job;
}

namespace {

// The jobs that wait for the approval, up to the next. Jobs are in the order of their needs: one
// look at each is enough.
std::vector<std::size_t> jobs_behind(const plan::Plan& plan, std::size_t approval) {
  std::vector<std::size_t> behind = {approval};
  for (std::size_t job = approval + 1; job < plan.jobs.size(); ++job) {
    const bool is_behind = std::ranges::any_of(plan.jobs[job].needs, [&](const auto& need) {
      return std::ranges::find(behind, need.job) != behind.end();
    });
    if (is_behind && plan.stage_of(plan.jobs[job]).kind != model::StageKind::approval)
      behind.push_back(job);
  }
  behind.erase(behind.begin());
  return behind;
}

// All that the approval needs, directly or not.
std::set<std::size_t> jobs_before(const plan::Plan& plan, std::size_t approval) {
  std::set<std::size_t> before;
  std::vector<std::size_t> open = {approval};
  while (!open.empty()) {
    const std::size_t job = open.back();
    open.pop_back();
    for (const plan::JobNeed& need : plan.jobs[job].needs)
      if (before.insert(need.job).second) open.push_back(need.job);
  }
  return before;
}

// Each part with its length, so that no two lists of parts are one text.
void add(host::Sha256& hash, std::string_view part) {
  hash.update(std::to_string(part.size()) + ":");
  hash.update(part);
}

}  // namespace

base::Digest subject_of(const StoredRun& run, std::size_t approval) {
  std::set<std::size_t> makers = jobs_before(run.plan, approval);
  for (const std::size_t job : jobs_behind(run.plan, approval))
    for (const auto& [artifact, maker] : run.plan.jobs[job].artifact_makers) makers.insert(maker);
  host::Sha256 hash;
  for (const std::string& part : {run.plan.facts.tree, run.spec.pipeline_file,
                                  run.spec.pipeline_text, run.plan.jobs[approval].name})
    add(hash, part);
  for (const auto& [name, value] : run.plan.facts.params) {
    add(hash, name);
    add(hash, value);
  }
  for (const std::size_t maker : makers)
    for (const run::ProducedArtifact& artifact : run.state.jobs[maker].artifacts) {
      add(hash, artifact.name);
      add(hash, artifact.digest.hex());
    }
  return hash.finish();
}

std::set<std::string> environments_behind(const plan::Plan& plan, std::size_t approval) {
  std::set<std::string> environments;
  for (const std::size_t job : jobs_behind(plan, approval))
    if (const auto* work = std::get_if<model::DeployWork>(&plan.stage_of(plan.jobs[job]).work))
      environments.insert(work->environment);
  return environments;
}

}  // namespace pipeline::engine
