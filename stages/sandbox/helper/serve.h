// One helper's whole life: prepares a job, waits for its order, runs it, writes result.json.
#pragma once

#include "pipelines/base/result.h"
#include "stages/sandbox/cgroup_places.h"
#include "stages/sandbox/confinement.h"

namespace pipeline::sandbox::helper {

// In a process of its own. `control`: the launcher's other end (wire.h). Success with a
// result.json, and when no order came.
base::Result<> serve(Confinement confinement, int control, const CgroupPlaces& places);

}  // namespace pipeline::sandbox::helper
