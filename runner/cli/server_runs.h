// The runs of a server, over its API.
#pragma once

#include "runner/cli/run_reader.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

std::unique_ptr<RunReader> server_runs(ServerClient client);

// As RunReader::waiting_jobs().
base::Result<std::vector<RunReader::WaitingJob>> waiting_jobs_of(ServerClient& client,
                                                                 run::RunId id);

}  // namespace pipeline::cli
