// A deployment that a command line means, ready to be carried out: what `pipeline deploy` and a
// server that is asked for one share.
#pragma once

#include "pipelines/base/result.h"
#include "runner/cli/commands.h"
#include "stages/deploy/deployer.h"

namespace pipeline::cli {

struct ArtifactName {
  std::string name;
  base::Digest digest;
};
// NAME@DIGEST. ErrorKind::invalid, with a hint.
base::Result<ArtifactName> parse_artifact(const std::string& text);

// As choose_tree(), and ErrorKind::invalid when its pipeline has no such environment or artifact.
base::Result<deploy::DeploymentRequest> prepare_deployment(const DeployOptions& options,
                                                           Context& context);

}  // namespace pipeline::cli
