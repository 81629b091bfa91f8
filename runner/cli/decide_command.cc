// pipeline approve, pipeline reject.
#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/run_names.h"
#include "runner/cli/run_place.h"
#include "runner/cli/server_client.h"
#include "runner/cli/user_mistake.h"
#include "runner/cli/user_name.h"
#include "runner/engine/approvals.h"
#include "runner/store/decision_box.h"

namespace pipeline::cli {

namespace {

using base::ErrorKind;

bool is_in_group(const std::string& name) {
  const group* const wanted = ::getgrnam(name.c_str());
  if (wanted == nullptr) return false;
  if (::getgid() == wanted->gr_gid) return true;
  const int count = ::getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 0)));
  if (::getgroups(count, groups.data()) < 0) return false;
  return std::ranges::find(groups, wanted->gr_gid) != groups.end();
}

// On this machine whoever has its files decides, by the name that he has here.
base::Result<> decide_here(const DecideOptions& options, const engine::StoredRun& run,
                           run::RunId id, Context& context) {
  const std::string user = user_name();
  auto job = engine::find_waiting(run, options.stage, {user, is_in_group});
  // The command line names what he may not do.
  if (!job && job.error().kind() == ErrorKind::permission)
    return base::fail(as_mistake(job.error()));
  PIPELINE_TRY(job);
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  return store::put_decision(*paths, id, options.stage,
                             {.approved = options.approve,
                              .by = user,
                              .comment = options.comment,
                              .tree = run.plan.facts.tree,
                              .subject = engine::subject_of(run, *job).hex()});
}

// A server goes by the name of the token, and holds it against the approvers itself.
base::Result<> decide_on_server(const DecideOptions& options, const engine::StoredRun& run,
                                run::RunId id) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  boost::json::object body{
      {"stage", options.stage}, {"approve", options.approve}, {"comment", options.comment}};
  // What is decided on is what was loaded here.
  if (const auto job = run.plan.find(options.stage))
    body["subject"] = engine::subject_of(run, *job).hex();
  PIPELINE_TRY(client.post("/runs/" + std::to_string(id) + "/decisions", body));
  return {};
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
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  PIPELINE_ASSIGN(const engine::StoredRun run, load_run(*place.runs, id));
  PIPELINE_TRY(is_of_server(options.server) ? decide_on_server(options, run, id)
                                            : decide_here(options, run, id, context));
  const std::string number = std::to_string(id);
  std::string said = (options.approve ? "approved " : "rejected ") + options.stage + " of run " +
                     number + ": " + subject(run) + "\n";
  PIPELINE_ASSIGN(const bool is_driven, place.runs->is_driven(id));
  if (!is_driven) {
    // A server takes up what it can by itself.
    const bool is_attached = run.state.detached && !is_of_server(options.server);
    const char* const again = is_attached ? "attach" : "retry";
    said += "nobody drives the run now: " + place.commands.command(again, number) +
            " goes on with it\n";
  }
  context.console.out.write(said);
  return ExitCode::success;
}

}  // namespace pipeline::cli
