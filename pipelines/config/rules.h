// What a file must fulfil beyond each key being right by itself. Each rule looks at the whole
// draft, reports, and goes on; a value that was already reported is skipped, not reported twice.
#pragma once

#include "pipelines/config/draft.h"
#include "pipelines/config/problems.h"

namespace pipeline::config {

// Names used twice, needs of nobody, cycles. False when there is a cycle: then nothing that follows
// needs can be asked.
bool check_graph(const Draft& draft, Problems& problems);
// Artifacts: made once, made by somebody, made before they are used. REQUIRES: no cycle.
void check_artifacts(const Draft& draft, Problems& problems);
// Conditions on parameters, services; what a kind of stage may not ask for.
void check_stages(const Draft& draft, Problems& problems);
// Addresses, ports and gates of environments.
void check_environments(const Draft& draft, Problems& problems);
// Parameters that schedules and the concurrency group name.
void check_triggers(const Draft& draft, Problems& problems);
// What deploy stages name, and whether each strategy's numbers can be had.
void check_deployments(const Draft& draft, Problems& problems);

}  // namespace pipeline::config
