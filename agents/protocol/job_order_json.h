// A JobOrder as JSON, one line, for a worker in another process. What only the planner needs does
// not travel: conditions, the matrix and the split that the job came from, places in the file.
//
// It holds the secrets' values: it belongs into memory and pipes, never on a disk.
#pragma once

#include <string>
#include <string_view>

#include "agents/protocol/job_order.h"
#include "pipelines/base/result.h"

namespace pipeline::protocol {

std::string to_json(const JobOrder& order);
// ErrorKind::corrupt for what to_json did not write. Missing members have their defaults.
base::Result<JobOrder> job_order_from_json(std::string_view line);

}  // namespace pipeline::protocol
