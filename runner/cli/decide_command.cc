// pipeline approve, pipeline reject.
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/run_names.h"
#include "runner/cli/user_mistake.h"
#include "runner/engine/stored_plan.h"
#include "runner/store/decision_box.h"
#include "runner/store/lease.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::ErrorKind;

std::string user_name() {
  const passwd* const user = ::getpwuid(::getuid());
  return user == nullptr ? "uid " + std::to_string(::getuid()) : user->pw_name;
}

bool is_in_group(const std::string& name) {
  const group* const wanted = ::getgrnam(name.c_str());
  if (wanted == nullptr) return false;
  if (::getgid() == wanted->gr_gid) return true;
  const int count = ::getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 0)));
  if (::getgroups(count, groups.data()) < 0) return false;
  return std::ranges::find(groups, wanted->gr_gid) != groups.end();
}

bool may_decide(const model::ApprovalWork& work, const std::string& user) {
  constexpr std::string_view kGroup = "group:";
  return work.approvers.empty() ||
         std::ranges::any_of(work.approvers, [&](const std::string& approver) {
           return approver.starts_with(kGroup) ? is_in_group(approver.substr(kGroup.size()))
                                               : approver == user;
         });
}

// What of a run waits for a person now, as a hint.
std::string what_waits(const engine::StoredRun& run) {
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

base::Result<std::size_t> find_waiting(const engine::StoredRun& run, const DecideOptions& options,
                                       const std::string& user) {
  const auto refuse = [&](const std::string& cause) {
    return base::fail(Error(ErrorKind::invalid, cause).hint(what_waits(run)));
  };
  const auto job = run.plan.find(options.stage);
  if (!job) return refuse("the run has no stage \"" + base::printable(options.stage) + "\"");
  const auto* work = std::get_if<model::ApprovalWork>(&run.plan.stage_of(run.plan.jobs[*job]).work);
  if (work == nullptr) return refuse(options.stage + " is no approval");
  const run::JobState& state = run.state.jobs[*job];
  if (run::is_terminal(state.status)) {
    return refuse(options.stage + " is over: " + std::string(run::to_string(state.status)));
  }
  if (!run::is_active(state.status)) return refuse(options.stage + " is " + state.reason);
  if (!may_decide(*work, user)) {
    return base::fail(Error(ErrorKind::invalid, user + " may not decide on " + options.stage)
                          .hint("its approvers are " + base::join(work->approvers, ", ")));
  }
  return *job;
}

// What the decision was about, so that nobody approves something else than he thinks.
std::string subject(const engine::StoredRun& run) {
  const plan::Facts& facts = run.plan.facts;
  constexpr std::size_t kShort = 12;
  std::string text = run.plan.pipeline.name;
  if (!facts.branch.empty()) text += ", " + facts.branch;
  if (!facts.commit.empty()) text += ", commit " + facts.commit.substr(0, kShort);
  if (facts.dirty) text += " with uncommitted changes";
  std::string artifacts;
  for (const run::JobState& job : run.state.jobs) {
    for (const auto& artifact : job.artifacts) {
      artifacts += "\n  artifact " + artifact.name + "@" + artifact.digest.short_hex();
    }
  }
  return base::printable(text) + artifacts;
}

}  // namespace

Outcome execute(const DecideOptions& options, Context& context) {
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, *store, context.directory));
  PIPELINE_ASSIGN(const engine::StoredRun run, of_a_name(engine::load_run(*store, id)));
  const std::string user = user_name();
  PIPELINE_ASSIGN(const std::size_t job, find_waiting(run, options, user));
  const std::string& name = run.plan.jobs[job].name;
  PIPELINE_TRY(store::put_decision(*paths, id, name,
                                   {.approved = options.approve,
                                    .by = user,
                                    .comment = options.comment,
                                    .tree = run.plan.facts.tree}));
  const std::string number = std::to_string(id);
  std::string said = (options.approve ? "approved " : "rejected ") + name + " of run " + number +
                     ": " + subject(run) + "\n";
  if (!store::lease_holder(*paths, id)) {
    const std::string again = run.state.detached ? "attach " : "retry ";
    said += "nobody drives the run now: pipeline " + again + number + " goes on with it\n";
  }
  context.console.out.write(said);
  return ExitCode::success;
}

}  // namespace pipeline::cli
