// Which machine deploys: the server's, or that of an agent, by the environment's labels and by
// where it serves already.
#pragma once

#include "agents/protocol/job_order.h"
#include "pipelines/base/result.h"
#include "pipelines/rollout/record.h"
#include "stages/deploy/journal.h"

namespace pipeline::serve {

base::Result<rollout::EnvironmentRecord> record_of(deploy::Journal& journal,
                                                   const deploy::EnvironmentKey& key);

// Whether agents carry the deployment out. It is then told whose repository it is from and, when
// the environment serves on the machine of one agent, which: no other could see there what runs.
base::Result<bool> route_deployment(deploy::Journal& journal, protocol::JobOrder& order);

}  // namespace pipeline::serve
