// The last steps before a job's first command, in this order: resource limits, capabilities, no new
// privileges, Landlock, seccomp. After them the process has no more rights than the job.
#pragma once

#include "pipelines/base/result.h"
#include "stages/sandbox/order.h"

namespace pipeline::sandbox::helper {

base::Result<> confine(const Order& order);

// What holds without isolation too: file size, core dumps.
base::Result<> limit_resources(const model::SandboxSpec& limits);

}  // namespace pipeline::sandbox::helper
