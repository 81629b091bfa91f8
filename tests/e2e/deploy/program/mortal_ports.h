// The real outside of an environment: processes, HAProxy, probes over sockets, smoke tests in
// sandboxes. With moments where a step is half done: one of its instances is up or down, or a gate
// has been asked and has not answered.
//
// The artifact is tiny-service, which lies beside this program, and a word that it answers with;
// the tree that gates find is the directory `tree` of the home.
#pragma once

#include <filesystem>

#include "pipelines/base/clock.h"
#include "stages/artifact/artifact_store.h"
#include "stages/deploy/environment_ports.h"
#include "stages/sandbox/launch.h"
#include "stages/source/source.h"
#include "stages/workspace/cache_store.h"
#include "stages/workspace/workspace.h"
#include "tests/e2e/deploy/program/moments.h"

namespace pipeline {

class MortalPorts final : public deploy::EnvironmentPortsFactory {
 public:
  // The moments and the clock outlive it.
  MortalPorts(std::filesystem::path home, Moments& moments, const base::Clock& clock);
  ~MortalPorts() override;
  base::Result<deploy::EnvironmentPorts> open(const deploy::EnvironmentKey& key,
                                              const model::Environment& environment) override;

 private:
  std::filesystem::path home_;
  Moments& moments_;
  const base::Clock& clock_;
  std::unique_ptr<source::Source> source_;
  workspace::LayerStore layers_;
  artifact::ArtifactStore artifacts_;
  workspace::CacheStore caches_;
  workspace::WorkspaceRoom workspaces_;
  sandbox::Launcher launcher_;
};

}  // namespace pipeline
