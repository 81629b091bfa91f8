// Repositories that a server hosts.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::source {

// An empty one, whose branch will be main. Success when there is a repository already.
base::Result<> make_bare_repository(const std::filesystem::path& directory);

// Its branches and tags by their full names, each with the id that it is at.
base::Result<std::map<std::string, std::string>> refs_of(const std::filesystem::path& directory);

}  // namespace pipeline::source
