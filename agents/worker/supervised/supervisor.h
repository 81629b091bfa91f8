// What happens in the process of one attempt: it runs the job as any worker does, and keeps what it
// reports where the next coordinator finds it. It ends when the job has, whether anybody listens or
// not; when it is killed, the job's sandbox dies with it.
#pragma once

#include <filesystem>
#include <functional>

#include "agents/protocol/job_order.h"
#include "agents/worker/local_worker.h"
#include "pipelines/base/clock.h"
#include "stages/host/unique_fd.h"

namespace pipeline::worker {

std::filesystem::path control_socket_of(const std::filesystem::path& log_directory);

// Keeps secrets out of what is written.
using MaskReport = std::function<void(run::EventBody&)>;

// Returns when nothing of the job is left and its last report is written.
base::Result<> supervise(protocol::JobOrder order, const host::UniqueFd& listener,
                         const WorkerTools& tools, const MaskReport& mask,
                         const base::Clock& clock);

// Instead, when the process cannot do its part: the job is reported as errored.
base::Result<> report_errored(const protocol::JobOrder& order, const base::Error& error,
                              const base::Clock& clock);

}  // namespace pipeline::worker
