// The hidden word of the program by which it runs one attempt of one job, as its supervisor
// (agents/worker/supervised):
//   pipeline __job RUN JOB ATTEMPT full|none     the first three are for whoever lists processes
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/worker/supervised/supervised_worker.h"
#include "runner/cli/options.h"
#include "runner/store/paths.h"

namespace pipeline {

inline constexpr std::string_view kSupervisedJob = "__job";

// Starts this program, as it is now: an update does not change what a run that goes on consists of.
worker::StartSupervisor start_supervised_job(const store::Paths& paths, cli::SandboxWish sandbox);

// The whole process. `arguments` after the word.
int supervised_job(const std::vector<std::string>& arguments);

}  // namespace pipeline
