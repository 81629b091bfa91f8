#include "runner/engine/stored_plan.h"

#include "pipelines/config/reader.h"

namespace pipeline::engine {

using base::ErrorKind;
using base::Result;

Result<plan::Plan> plan_of(const run::RunSpec& spec) {
  const auto included = [&spec](const std::string& path) -> Result<std::string> {
    const auto found = spec.included.find(path);
    if (found == spec.included.end()) return base::fail(ErrorKind::corrupt, "it was not stored");
    return found->second;
  };
  config::ReadResult read = config::read_pipeline(
      spec.pipeline_text, {.included = included, .environments = spec.server_environments});
  if (!read.pipeline) {
    return base::fail(ErrorKind::corrupt, "the stored text of " + spec.pipeline_file +
                                              " cannot be read by this version of pipeline");
  }
  return plan::make_plan(*std::move(read.pipeline), spec.facts, {spec.stages});
}

source::Revision revision_of(const run::RunSpec& spec) {
  source::Revision revision;
  revision.repository = spec.repository;
  revision.commit = spec.facts.commit;
  revision.tree = spec.facts.tree;
  return revision;
}

Result<run::RunSpec> spec_in(const std::vector<run::Event>& events, run::RunId id) {
  const auto* created =
      events.empty() ? nullptr : std::get_if<run::RunCreated>(&events.front().body);
  if (created != nullptr) return created->spec;
  return base::fail(ErrorKind::corrupt, "run " + std::to_string(id) + " has no beginning");
}

Result<run::RunSpec> load_spec(store::RunStore& store, run::RunId id) {
  PIPELINE_ASSIGN(const std::vector<run::Event> events, store.events(id));
  return spec_in(events, id);
}

Result<StoredRun> load_run(store::RunStore& store, run::RunId id) {
  PIPELINE_ASSIGN(std::vector<run::Event> events, store.events(id));
  return stored_run(id, std::move(events));
}

Result<StoredRun> stored_run(run::RunId id, std::vector<run::Event> events) {
  PIPELINE_ASSIGN(run::RunSpec spec, spec_in(events, id));
  PIPELINE_ASSIGN(plan::Plan plan, plan_of(spec));
  PIPELINE_ASSIGN(run::RunState state, run::replay(plan, events));
  return StoredRun{std::move(spec), std::move(plan), std::move(state), std::move(events)};
}

}  // namespace pipeline::engine
