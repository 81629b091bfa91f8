// Outputs (layers) and artifacts by their digests: agents bring what their jobs made before they
// say that a job is over, and fetch what their jobs need. People fetch artifacts.
//
// A layer's archive is kept as it came; whoever takes it in holds it against its name. An artifact
// is held against its digest here.
// Threads: the server's.
#pragma once

#include <filesystem>
#include <vector>

#include "agents/worker/thread_pool.h"
#include "runner/server/api/endpoint.h"
#include "stages/artifact/artifact_store.h"

namespace pipeline::server {

class BlobEndpoints {
 public:
  // `layers` and `uploads` are directories of one file system with the artifacts; they are made.
  // Store and pool outlive it.
  BlobEndpoints(std::filesystem::path layers, std::filesystem::path uploads,
                const artifact::ArtifactStore& artifacts, worker::ThreadPool& pool);

  std::vector<api::Endpoint> endpoints();

 private:
  void get_layer(const api::Call& call);
  void put_layer(const api::Call& call);
  void get_artifact(const api::Call& call);
  void put_artifact(const api::Call& call);

  std::filesystem::path layers_;
  std::filesystem::path uploads_;
  const artifact::ArtifactStore& artifacts_;
  worker::ThreadPool& pool_;
};

}  // namespace pipeline::server
