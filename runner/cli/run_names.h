// RUN on the command line: a number, or `last`; and which runs are those of the place where the
// user stands.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "runner/cli/options.h"
#include "runner/store/run_store.h"

namespace pipeline::cli {

// What the runs of the working tree at or above `directory` are stored under; none outside of one.
std::optional<std::string> repository_at(const std::filesystem::path& directory);

// The newest runs, at most `limit`; of `repository` only, if one is given.
base::Result<std::vector<store::RunSummary>> newest_runs(
    store::RunStore& store, const std::optional<std::string>& repository, std::size_t limit);

// `last` is the newest run of the repository at `directory`, outside of one the newest of all;
// ErrorKind::invalid when there is none. A number is taken as it is.
base::Result<run::RunId> resolve(const RunName& name, store::RunStore& store,
                                 const std::filesystem::path& directory);

}  // namespace pipeline::cli
