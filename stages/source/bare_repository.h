// Repositories that a server hosts.
#pragma once

#include <filesystem>

#include "pipelines/base/result.h"

namespace pipeline::source {

// An empty one, whose branch will be main. Success when there is a repository already.
base::Result<> make_bare_repository(const std::filesystem::path& directory);

}  // namespace pipeline::source
