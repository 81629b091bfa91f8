#include "agents/agent/supplies.h"

#include "stages/artifact/layer_archive.h"
#include "stages/source/location.h"
#include "stages/workspace/scratch_directory.h"

namespace pipeline::agent {

namespace {

using base::Result;
using workspace::ScratchDirectory;

constexpr const char* kMoving = ".moving-";

}  // namespace

Result<> Supplies::fetch(ServerPort& server, protocol::Grant& grant) const {
  PIPELINE_TRY(fetch_tree(server, grant));
  const auto* const command = std::get_if<protocol::CommandOrder>(&grant.order.work);
  if (command == nullptr) return {};
  for (const base::Digest& digest : command->layers) PIPELINE_TRY(fetch_layer(server, digest));
  for (const protocol::ArtifactUse& use : command->uses)
    PIPELINE_TRY(fetch_artifact(server, use.digest));
  return {};
}

Result<> Supplies::fetch_tree(const ServerPort& server, protocol::Grant& grant) const {
  if (grant.trees.empty()) return {};
  const std::string url = server.url_of(grant.trees);
  PIPELINE_ASSIGN(const source::Location location, source::parse_location(url));
  grant.order.repository = std::get<source::RemoteLocation>(location).key;
  if (source_.work_tree(grant.order.repository, grant.order.tree)) return {};
  PIPELINE_ASSIGN(const source::Revision fetched, source_.fetch(url, grant.order.tree, nullptr));
  if (fetched.tree == grant.order.tree) return {};
  return base::fail(base::ErrorKind::corrupt,
                    "the server sent the tree " + fetched.tree + " as " + grant.order.tree);
}

Result<> Supplies::fetch_layer(ServerPort& server, const base::Digest& digest) const {
  if (layers_.find(digest)) return {};
  PIPELINE_ASSIGN(const auto scratch, ScratchDirectory::make(scratch_, kMoving));
  const auto file = scratch.path() / "layer";
  PIPELINE_TRY(server.get(BlobKind::layer, digest, file));
  return artifact::unpack_layer(layers_, digest, file);
}

Result<> Supplies::fetch_artifact(ServerPort& server, const base::Digest& digest) const {
  if (artifacts_.has(digest)) return {};
  PIPELINE_ASSIGN(const auto scratch, ScratchDirectory::make(scratch_, kMoving));
  const auto file = scratch.path() / "artifact";
  PIPELINE_TRY(server.get(BlobKind::artifact, digest, file));
  return artifacts_.adopt(digest, file);
}

Result<> Supplies::bring(ServerPort& server, const run::JobFinished& finished) const {
  if (finished.outputs) {
    PIPELINE_ASSIGN(const bool is_there, server.has(BlobKind::layer, *finished.outputs));
    if (!is_there) {
      PIPELINE_ASSIGN(const auto scratch, ScratchDirectory::make(scratch_, kMoving));
      const auto file = scratch.path() / "layer";
      PIPELINE_TRY(artifact::pack_layer(layers_, *finished.outputs, file));
      PIPELINE_TRY(server.put(BlobKind::layer, *finished.outputs, file));
    }
  }
  for (const run::ProducedArtifact& made : finished.artifacts) {
    PIPELINE_ASSIGN(const bool is_there, server.has(BlobKind::artifact, made.digest));
    if (!is_there)
      PIPELINE_TRY(
          server.put(BlobKind::artifact, made.digest, artifacts_.packed_file(made.digest)));
  }
  return {};
}

}  // namespace pipeline::agent
