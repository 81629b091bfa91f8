// ENV on the command line: an environment's name, or PIPELINE/ENV where several pipelines have one
// of that name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/deploy/environment_key.h"

namespace pipeline::cli {

// Among the environments that were ever deployed to. ErrorKind::invalid, with a hint.
base::Result<deploy::EnvironmentKey> find_environment(
    const std::string& name, const std::vector<deploy::EnvironmentKey>& all);

// Whoever stands in a repository is likely to mean an environment of its own: ErrorKind::invalid
// for one of another, which `owner` names. PIPELINE/ENV is always meant as it is written.
base::Result<> check_owner(const std::string& name, const deploy::EnvironmentKey& key,
                           const std::string& owner, const std::filesystem::path& directory);

// "shop/production"
std::string to_string(const deploy::EnvironmentKey& key);

}  // namespace pipeline::cli
