// The event that `pipeline plan --event` asks about, and what a run that it starts knows.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/plan/facts.h"
#include "pipelines/plan/render.h"
#include "pipelines/plan/trigger.h"
#include "runner/cli/options.h"

namespace pipeline::cli {

// What is not said is as it is in `here`. ErrorKind::invalid, with a hint, when that is not enough,
// and for a schedule that there is not.
base::Result<plan::TriggerEvent> event_of(const EventWish& wish, const model::Pipeline& pipeline,
                                          const plan::Facts& here);

// The facts of such a run; parameters that were given go before those of the schedule.
plan::Facts facts_of(const plan::TriggerEvent& event, const EventWish& wish,
                     const model::Pipeline& pipeline, plan::Facts here);

// Of a schedule, also when it fires next.
base::Result<plan::TriggerNote> note_of(const plan::TriggerEvent& event,
                                        const model::Pipeline& pipeline, base::TimePoint now);

}  // namespace pipeline::cli
