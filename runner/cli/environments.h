// ENV on the command line: an environment's name, or PIPELINE/ENV where several pipelines have one
// of that name.
#pragma once

#include <string>

#include "pipelines/base/result.h"
#include "stages/deploy/deployer.h"

namespace pipeline::cli {

// Among the environments that were ever deployed to. ErrorKind::not_found or invalid, with a hint.
base::Result<deploy::EnvironmentKey> find_environment(const std::string& name,
                                                      deploy::Deployer& deployer);

// "shop/production"
std::string to_string(const deploy::EnvironmentKey& key);

}  // namespace pipeline::cli
