#include "runner/engine/job_order.h"

#include <algorithm>
#include <set>

#include "pipelines/base/text.h"
#include "pipelines/plan/run_variables.h"
#include "pipelines/plan/trust.h"
#include "runner/trace/trace_context.h"

namespace pipeline::engine {

namespace {

using base::ErrorKind;
using base::Result;

std::vector<protocol::ArtifactUse> uses_of(const JobInputs& inputs) {
  std::vector<protocol::ArtifactUse> uses;
  for (const auto& [name, digest] : inputs.artifacts) uses.push_back({name, digest});
  return uses;
}

Result<protocol::CommandOrder> command_order(const OrderContext& context, std::size_t job,
                                             const model::CommandWork& work,
                                             const JobInputs& inputs) {
  protocol::CommandOrder order;
  order.work = work;
  order.work.services.clear();
  for (const auto* service : context.plan.services_of(context.plan.jobs[job])) {
    order.work.services.push_back(*service);
  }
  order.env = context.plan.jobs[job].env;
  const std::map<std::string, std::uint64_t> numbers = {
      {"PIPELINE_RUN", context.run}, {"PIPELINE_ATTEMPT", context.state.jobs[job].attempt}};
  for (const auto& [name, number] : numbers) {
    if (plan::is_given(context.plan.stage_of(context.plan.jobs[job]), name))
      order.env[name] = std::to_string(number);
  }
  // Of no result key: where a job stands in a trace is nothing that it is made of.
  if (const auto created_at = context.state.created_at) {
    const trace::TraceContext trace(context.run, context.spec, *created_at);
    order.env.try_emplace("TRACEPARENT", trace.traceparent(context.plan.jobs[job].name,
                                                           context.state.jobs[job].attempt));
  }
  for (const std::string& name : work.secrets) {
    const auto secret = context.secrets.find(name);
    if (secret == context.secrets.end()) {
      return base::fail(ErrorKind::not_found, "the secret " + name + " was not given");
    }
    order.secrets[name] = secret->second;
  }
  order.trusted = !context.spec.facts.untrusted;
  order.layers = inputs.layers;
  order.uses = uses_of(inputs);
  return order;
}

Result<protocol::DeployOrder> deploy_order(const OrderContext& context,
                                           const model::DeployWork& work, const JobInputs& inputs) {
  const model::Environment* environment = context.plan.pipeline.find_environment(work.environment);
  if (environment == nullptr) {
    return base::fail(ErrorKind::not_found, "there is no environment " + work.environment);
  }
  const auto artifact = inputs.artifacts.find(work.artifact);
  if (artifact == inputs.artifacts.end()) {
    return base::fail(ErrorKind::not_found, "no stage makes the artifact " + work.artifact);
  }
  protocol::DeployOrder order{.environment = *environment,
                              .artifact = {artifact->first, artifact->second},
                              .promote_from = work.promote_from,
                              .by = context.state.retried_by};
  if (order.by.empty()) order.by = context.spec.cause;
  if (work.strategy) order.environment.strategy = *work.strategy;
  return order;
}

template <class Counts>
std::set<std::string> secrets_of(const plan::Plan& plan, const Counts& counts) {
  std::set<std::string> names;
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    const plan::Job& planned = plan.jobs[job];
    if (planned.skip_reason || !counts(job)) continue;
    const auto* work = std::get_if<model::CommandWork>(&plan.stage_of(planned).work);
    if (work != nullptr) names.insert(work->secrets.begin(), work->secrets.end());
  }
  return names;
}

}  // namespace

std::set<std::string> secrets_asked(const plan::Plan& plan, const run::RunState& state) {
  return secrets_of(plan,
                    [&](std::size_t job) { return !run::is_terminal(state.jobs[job].status); });
}

Result<> check_secrets(const OrderContext& context) {
  // One that a worker has got has its secrets, too.
  std::set<std::string> missing = secrets_of(context.plan, [&](std::size_t job) {
    const run::JobStatus status = context.state.jobs[job].status;
    return !run::is_terminal(status) && !run::is_active(status);
  });
  std::erase_if(missing, [&](const std::string& name) { return context.secrets.contains(name); });
  if (missing.empty()) return {};
  const std::string names = base::join({missing.begin(), missing.end()}, ", ");
  const std::string& first = *missing.begin();
  return base::fail(base::Error(ErrorKind::invalid, missing.size() == 1
                                                        ? "the secret " + names + " was not given"
                                                        : "these secrets were not given: " + names)
                        .hint("pipeline secret set " + first +
                              " keeps it; for this run alone: --env-file FILE "
                              "with a line " +
                              first + "=VALUE, --secret-from-env " + first +
                              ", or --secret-command " + first + "=COMMAND"));
}

Result<JobInputs> inputs_of(const plan::Plan& plan, const run::RunState& state, std::size_t job) {
  JobInputs inputs;
  for (const std::size_t below : plan.jobs[job].layers) {
    if (const auto& outputs = state.jobs[below].outputs) inputs.layers.push_back(*outputs);
  }
  for (const auto& [name, maker] : plan.jobs[job].artifact_makers) {
    const auto& made = state.jobs[maker].artifacts;
    const auto artifact = std::ranges::find(made, name, &run::ProducedArtifact::name);
    if (artifact == made.end()) {
      return base::fail(ErrorKind::not_found,
                        "the artifact " + name + " was not made: " + plan.jobs[maker].name + " " +
                            std::string(run::to_string(state.jobs[maker].status)));
    }
    inputs.artifacts.emplace(name, artifact->digest);
  }
  return inputs;
}

bool another_may_follow(const OrderContext& context, std::size_t job) {
  // From the end, where those that still wait mostly are.
  for (std::size_t other = context.plan.jobs.size(); other-- > 0;) {
    const run::JobStatus status = context.state.jobs[other].status;
    const bool waits = status == run::JobStatus::waiting || status == run::JobStatus::queued;
    if (other != job && waits) return true;
  }
  return false;
}

Result<protocol::JobOrder> make_job_order(const OrderContext& context, std::size_t job,
                                          const JobInputs& inputs,
                                          std::filesystem::path log_directory) {
  const plan::Job& planned = context.plan.jobs[job];
  const model::Stage& stage = context.plan.stage_of(planned);
  // Its plan has it skipped: nothing stands on one line alone.
  if (const auto why = plan::why_untrusted_may_not(stage, context.spec.facts))
    return base::fail(ErrorKind::permission, *why);
  protocol::JobOrder order;
  order.run = context.run;
  order.pipeline = context.plan.pipeline.name;
  order.job = planned.name;
  order.attempt = context.state.jobs[job].attempt;
  order.kind = stage.kind;
  order.repository = context.spec.repository;
  order.commit = context.spec.facts.commit;
  order.tree = context.spec.facts.tree;
  order.timeout = stage.timeout;
  if (stage.lock) order.lock = plan::among_equals(*stage.lock, context.spec.facts);
  order.keep = context.spec.keep;
  order.another_may_follow = another_may_follow(context, job);
  order.log_directory = std::move(log_directory);
  if (const auto* deploy = std::get_if<model::DeployWork>(&stage.work)) {
    PIPELINE_ASSIGN(order.work, deploy_order(context, *deploy, inputs));
  } else if (const auto* approval = std::get_if<model::ApprovalWork>(&stage.work)) {
    order.work = protocol::ApprovalOrder{stage.name, *approval};
  } else if (const auto* child = std::get_if<model::ChildWork>(&stage.work)) {
    order.work = protocol::ChildOrder{*child};
  } else {
    const auto& command = std::get<model::CommandWork>(stage.work);
    PIPELINE_ASSIGN(order.work, command_order(context, job, command, inputs));
  }
  return order;
}

}  // namespace pipeline::engine
