// Keeps secrets out of events: whatever a job, a gate or a command's author wrote is masked before
// the event is recorded. Pure.
#pragma once

#include "pipelines/run/event.h"
#include "stages/secret/masker.h"

namespace pipeline::engine {

// Masks the sentences of an event; names, numbers and what the plan is made from stay as they are.
void mask_texts(run::EventBody& body, secret::Masker& masker);

}  // namespace pipeline::engine
