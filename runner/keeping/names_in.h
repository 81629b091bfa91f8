// What is in a directory of a state that others change meanwhile.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::keeping {

// Names, sorted; none when the directory has gone.
base::Result<std::vector<std::string>> names_in(const std::filesystem::path& directory);

}  // namespace pipeline::keeping
