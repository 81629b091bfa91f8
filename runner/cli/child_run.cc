#include "runner/cli/child_run.h"

#include "pipelines/plan/run_values.h"
#include "runner/cli/quiet_run.h"
#include "runner/cli/split_files.h"
#include "runner/cli/tree_pipelines.h"
#include "runner/engine/engine.h"
#include "runner/engine/loop.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::cli {

namespace {

using base::Result;

struct Surroundings {
  Services& services;  // of the parent
  const SecretSources& secrets;
  SandboxWish sandbox;
};

// What the child is to do, on the parent's tree and with its facts.
struct ChildPlan {
  run::RunSpec spec;
  plan::Plan plan;
};

Result<ChildPlan> plan_child(const run::RunSpec& parent, const protocol::JobOrder& order,
                             Services& services) {
  const model::ChildWork& work = std::get<protocol::ChildOrder>(order.work).work;
  PIPELINE_ASSIGN(source::Source* const source, services.source());
  const source::Revision revision = engine::revision_of(parent);
  const PipelineLookup lookup = lookup_in(*source, revision, parent.server_environments);
  PIPELINE_ASSIGN(PipelineText text, lookup.find(work.pipeline));
  config::ReadResult read = config::read_pipeline(text.text, lookup.beside);
  if (!read.pipeline) {
    return base::fail(base::ErrorKind::corrupt, text.file + " was valid when the run began");
  }
  ChildPlan child;
  child.spec.pipeline = read.pipeline->name;
  child.spec.repository = parent.repository;
  child.spec.pipeline_file = std::move(text.file);
  child.spec.pipeline_text = std::move(text.text);
  child.spec.included = config::included_texts(read.included);
  child.spec.server_environments = parent.server_environments;
  child.spec.cause = parent.cause;
  child.spec.no_cache = parent.no_cache;
  child.spec.keep = parent.keep;
  child.spec.jobs = parent.jobs;
  child.spec.parent = run::ParentRun{order.run, order.job};
  plan::Facts facts = parent.facts;
  facts.params = work.params;
  PIPELINE_ASSIGN(facts.split_files, split_files_of(*read.pipeline, revision, services));
  PIPELINE_ASSIGN(child.plan, plan::make_plan(*std::move(read.pipeline), std::move(facts), {}));
  child.spec.facts = child.plan.facts;
  return child;
}

// Filled in; empty when a run above is in it: the child would wait for that one, which waits for
// it.
Result<std::string> group_of(const plan::Plan& child, run::RunSpec above, store::RunStore& store) {
  PIPELINE_ASSIGN(std::string group, plan::concurrency_group(child.pipeline, child.facts));
  while (group != above.concurrency_group && above.parent) {
    PIPELINE_ASSIGN(above, engine::load_spec(store, above.parent->run));
  }
  return group == above.concurrency_group ? std::string() : std::move(group);
}

class LocalChildRun final : public link::ChildRun {
 public:
  LocalChildRun(Surroundings around, std::unique_ptr<Services> services,
                std::unique_ptr<engine::Loop> loop, protocol::JobOrder order)
      : around_(around),
        services_(std::move(services)),
        loop_(std::move(loop)),
        order_(std::move(order)) {}

  Result<link::ChildEnd> run(const std::function<void(run::RunId)>& began) override {
    PIPELINE_ASSIGN(store::RunStore* const store, services_->runs());
    PIPELINE_ASSIGN(const run::RunSpec parent, engine::load_spec(*store, order_.run));
    PIPELINE_ASSIGN(ChildPlan child, plan_child(parent, order_, *services_));
    PIPELINE_ASSIGN(child.spec.concurrency_group, group_of(child.plan, parent, *store));
    const QuietRun quiet{.services = *services_,
                         .secrets = around_.secrets,
                         .sandbox = around_.sandbox,
                         .loop = *loop_,
                         .began = began};
    PIPELINE_ASSIGN(
        const run::RunState state,
        drive_quietly(quiet, [&](const engine::Surroundings& around, engine::Settings settings) {
          return engine::Engine::create(around, std::move(settings), std::move(child.spec),
                                        std::move(child.plan));
        }));
    return link::ChildEnd{state.status, state.reason};
  }

  void interrupt() override { loop_->interrupt(); }

 private:
  const Surroundings around_;
  const std::unique_ptr<Services> services_;
  const std::unique_ptr<engine::Loop> loop_;
  const protocol::JobOrder order_;
};

}  // namespace

link::MakeChild child_runs(Services& services, const SecretSources& secrets, SandboxWish sandbox) {
  const Surroundings around{services, secrets, sandbox};
  return [around](const protocol::JobOrder& order) -> Result<std::unique_ptr<link::ChildRun>> {
    PIPELINE_ASSIGN(auto loop, engine::Loop::make());
    return std::make_unique<LocalChildRun>(around, around.services.another(), std::move(loop),
                                           order);
  };
}

}  // namespace pipeline::cli
