#include "pipelines/plan/secret_origin.h"

namespace pipeline::plan {

std::string_view to_string(SecretOrigin origin) {
  switch (origin) {
    case SecretOrigin::missing:
      return "missing";
    case SecretOrigin::env_file:
      return "env-file";
    case SecretOrigin::environment:
      return "environment";
    case SecretOrigin::command:
      return "command";
    case SecretOrigin::repository:
      return "repository";
    case SecretOrigin::global:
      return "global";
  }
  return "";
}

std::string_view describe(SecretOrigin origin) {
  switch (origin) {
    case SecretOrigin::missing:
      return "missing";
    case SecretOrigin::env_file:
      return "from --env-file";
    case SecretOrigin::environment:
      return "from the environment";
    case SecretOrigin::command:
      return "from a command";
    case SecretOrigin::repository:
      return "kept for this repository";
    case SecretOrigin::global:
      return "kept for all repositories";
  }
  return "";
}

}  // namespace pipeline::plan
