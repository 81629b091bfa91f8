// RUN on the command line: a number, or `last`; and which runs are those of the place where the
// user stands.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "runner/cli/options.h"
#include "runner/cli/run_place.h"

namespace pipeline::cli {

// What the runs of the working tree at or above `directory` are stored under; none outside of one.
std::optional<std::string> repository_at(const std::filesystem::path& directory);

// `last` is the newest run of the place's repository, or of all; ErrorKind::invalid when there is
// none. A number is taken as it is.
base::Result<run::RunId> resolve(const RunName& name, const RunPlace& place);

}  // namespace pipeline::cli
