// ENV on the command line: an environment's name, or PIPELINE/ENV where several pipelines have one
// of that name.
#pragma once

#include <filesystem>
#include <string>

#include "pipelines/base/result.h"
#include "stages/deploy/deployer.h"

namespace pipeline::cli {

// Among the environments that were ever deployed to. ErrorKind::invalid, with a hint.
base::Result<deploy::EnvironmentKey> find_environment(const std::string& name,
                                                      deploy::Deployer& deployer);

// As above, and not of another repository's pipeline than the one that the user stands in, who is
// likely to mean their own. ErrorKind::invalid then; PIPELINE/ENV is always meant as it is written.
base::Result<deploy::EnvironmentKey> find_own_environment(const std::string& name,
                                                          deploy::Deployer& deployer,
                                                          const std::filesystem::path& directory);

// "shop/production"
std::string to_string(const deploy::EnvironmentKey& key);

}  // namespace pipeline::cli
