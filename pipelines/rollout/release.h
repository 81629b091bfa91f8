// A release: an artifact's digest and everything needed to run it again without the pipeline file.
// Plain value; stored in the deployment journal.
#pragma once

#include <cstdint>
#include <string>

#include "pipelines/base/digest.h"
#include "pipelines/model/environment.h"
#include "pipelines/rollout/instance.h"

namespace pipeline::rollout {

struct Release {
  std::uint64_t number = 0;  // 1, 2, 3 … per environment; 0: none
  std::string artifact;
  base::Digest digest{base::Digest::Bytes{}};
  model::Environment environment;  // as it was when this release was deployed
  std::string repository;          // where its gates find the tree …
  std::string tree;                // … that was built
  std::uint64_t run = 0;           // 0: not from a run
  Fleet fleet;                     // its instances, running or not
  std::string machine{};           // the agent on whose machine they are; empty: the journal's own
};

}  // namespace pipeline::rollout
