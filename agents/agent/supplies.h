// What jobs need and make, between this machine and the server: trees, outputs and artifacts. What
// is here already is not fetched, what is there not brought.
//
// Safe for concurrent calls, each with a port of its own.
#pragma once

#include <filesystem>
#include <shared_mutex>

#include "agents/agent/server_port.h"
#include "pipelines/base/result.h"
#include "pipelines/run/event.h"
#include "stages/artifact/artifact_store.h"
#include "stages/source/mirror_keep.h"
#include "stages/source/source.h"
#include "stages/source/work_tree_store.h"
#include "stages/workspace/layer_store.h"

namespace pipeline::agent {

class Supplies {
 public:
  struct Directories {
    std::filesystem::path mirrors;  // the source's
    std::filesystem::path trees;    // the source's
    std::filesystem::path scratch;  // on one file system with layers and artifacts
  };
  // The first three outlive it.
  Supplies(source::Source& source, const workspace::LayerStore& layers,
           const artifact::ArtifactStore& artifacts, const Directories& directories)
      : source_(source),
        layers_(layers),
        artifacts_(artifacts),
        mirrors_(directories.mirrors),
        trees_(directories.trees, directories.mirrors),
        scratch_(directories.scratch) {}

  // Everything that the order names; its repository is this machine's mirror then.
  base::Result<> fetch(ServerPort& server, protocol::Grant& grant) const;
  // Everything that the end of a job names.
  base::Result<> bring(ServerPort& server, const run::JobFinished& finished) const;

  struct Tidied {
    std::size_t count = 0;  // of all that went
    std::uint64_t bytes = 0;
  };
  // Takes outputs, artifacts, mirrors and trees away until what is left is within the budget, or
  // was used since `before`; what was not used for longest goes first. Everything that an attempt
  // may still use was used since it began: `before` is no later than that of any.
  base::Result<Tidied> tidy(std::uint64_t budget, base::TimePoint before) const;

 private:
  base::Result<> fetch_tree(const ServerPort& server, protocol::Grant& grant) const;
  base::Result<> fetch_layer(ServerPort& server, const base::Digest& digest) const;
  base::Result<> fetch_artifact(ServerPort& server, const base::Digest& digest) const;

  source::Source& source_;
  const workspace::LayerStore& layers_;
  const artifact::ArtifactStore& artifacts_;
  const source::MirrorKeep mirrors_;
  const source::WorkTreeStore trees_;
  const std::filesystem::path scratch_;
  // Shared by whoever looks whether something is here, alone for who takes it away.
  mutable std::shared_mutex looking_;
};

}  // namespace pipeline::agent
