// Where the programs are that this one starts as helpers: beside the running program (the build),
// else in ../libexec/pipeline from there (the package), else in $PIPELINE_LIBEXEC. Safe from any
// thread.
#pragma once

#include <filesystem>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::host {

// ErrorKind::unavailable, naming the places, when it is in none of them.
base::Result<std::filesystem::path> find_helper(const std::string& name);

// The same with the directory of the running program given.
base::Result<std::filesystem::path> find_helper(const std::string& name,
                                                const std::filesystem::path& beside);

}  // namespace pipeline::host
