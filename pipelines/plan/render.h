// Plans and graphs as a person reads them, and as JSON for `--json`. Pure, deterministic, at most
// 80 columns where the names allow it, no colour, ends with a newline.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/model/pipeline.h"
#include "pipelines/plan/plan.h"
#include "pipelines/plan/secret_origin.h"
#include "pipelines/plan/trigger.h"

namespace pipeline::plan {

// A time at which a schedule fires, in its own zone.
struct FiringTime {
  std::string text;          // "Sat 2026-11-28 02:30 CET"
  std::string for_machines;  // "2026-11-28T02:30:00+01:00"
};

// Of the event that was asked about.
struct TriggerNote {
  TriggerAnswer answer;
  std::vector<FiringTime> next;  // of a schedule
};

// What is known of a plan beyond itself.
struct PlanNotes {
  SecretOrigins secrets;
  // By job: whether its result would be reused, or what keeps it from that; empty: nothing to say.
  std::vector<std::string> reuse;
  std::optional<TriggerNote> trigger{};  // none: no event was asked about
};

// `pipeline plan`: every job, why it would run or be skipped, what it asks of its sandbox, and for
// a deploy stage its environment, strategy and gates; of a secret where it would come from, as far
// as it was looked for.
std::string render_plan(const Plan& plan, const PlanNotes& notes = {});
// One object: pipeline, facts, jobs in order.
std::string plan_json(const Plan& plan, const PlanNotes& notes = {});

// Of an event that starts nothing, and so has no plan.
std::string render_trigger(const TriggerNote& note);
std::string trigger_json(const model::Pipeline& pipeline, const TriggerNote& note);

// `pipeline graph`: the stages by level; those of one level could run side by side.
// REQUIRES of all three: the pipeline was accepted by the reader.
std::string render_graph(const model::Pipeline& pipeline);
// Graphviz.
std::string render_dot(const model::Pipeline& pipeline);
std::string graph_json(const model::Pipeline& pipeline);

}  // namespace pipeline::plan
