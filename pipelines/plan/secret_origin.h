// Where a secret would come from, as `pipeline plan` tells it. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace pipeline::plan {

enum class SecretOrigin {
  missing,
  env_file,     // --env-file
  environment,  // --secret-from-env
  command,      // --secret-command
  repository,   // kept for this repository
  global,       // kept for all repositories
};

// By name. One that is not in it was not looked for.
using SecretOrigins = std::map<std::string, SecretOrigin>;

// For programs: "env-file".
std::string_view to_string(SecretOrigin origin);
// For people: "from --env-file".
std::string_view describe(SecretOrigin origin);

}  // namespace pipeline::plan
