// The system calls a job may not make. Everything else is allowed: namespaces, capabilities and
// Landlock already hold, and this filter takes away what they do not cover and the parts of the
// kernel where holes are found.
#pragma once

#include <cstdint>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::sandbox {

// As Order::filter wants it. Compiled once a process, then remembered; safe from any thread.
base::Result<std::vector<std::uint64_t>> job_filter();

}  // namespace pipeline::sandbox
