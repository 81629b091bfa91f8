#include "agents/agent/supplies.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <vector>

#include "stages/artifact/layer_archive.h"
#include "stages/source/location.h"
#include "stages/workspace/scratch_directory.h"

namespace pipeline::agent {

namespace {

using base::Result;
using workspace::ScratchDirectory;

constexpr const char* kMoving = ".moving-";

struct Kept {
  base::TimePoint used_at;
  std::uint64_t bytes = 0;
  std::function<Result<bool>(base::TimePoint before)> remove_unless_used;
};

}  // namespace

Result<> Supplies::fetch(ServerPort& server, protocol::Grant& grant) const {
  PIPELINE_TRY(fetch_tree(server, grant));
  const auto* const deploy = std::get_if<protocol::DeployOrder>(&grant.order.work);
  if (deploy != nullptr && deploy->artifact.digest != base::Digest(base::Digest::Bytes{}))
    PIPELINE_TRY(fetch_artifact(server, deploy->artifact.digest));
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
  {
    const std::shared_lock looking(looking_);
    if (source_.work_tree(grant.order.repository, grant.order.tree)) return {};
  }
  PIPELINE_ASSIGN(const source::Revision fetched, source_.fetch(url, grant.order.tree, nullptr));
  if (fetched.tree == grant.order.tree) return {};
  return base::fail(base::ErrorKind::corrupt,
                    "the server sent the tree " + fetched.tree + " as " + grant.order.tree);
}

Result<> Supplies::fetch_layer(ServerPort& server, const base::Digest& digest) const {
  {
    const std::shared_lock looking(looking_);
    layers_.mark_used(digest);
    if (layers_.find(digest)) return {};
  }
  PIPELINE_ASSIGN(const auto scratch, ScratchDirectory::make(scratch_, kMoving));
  const auto file = scratch.path() / "layer";
  PIPELINE_TRY(server.get(BlobKind::layer, digest, file));
  return artifact::unpack_layer(layers_, digest, file);
}

Result<> Supplies::fetch_artifact(ServerPort& server, const base::Digest& digest) const {
  {
    const std::shared_lock looking(looking_);
    if (artifacts_.has(digest)) return {};
  }
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

namespace {

// What one store has, any other kind of it has in the same way.
template <class Store>
void add_all(const Store& store, std::vector<Kept>& all) {
  for (const auto& name : store.all())
    if (const auto used_at = store.used_at(name))
      all.push_back({*used_at, store.size_of(name), [&store, name](base::TimePoint before) {
                       const auto now = store.used_at(name);
                       if (!now || *now >= before) return Result<bool>(false);
                       const auto removed = store.remove(name);
                       if (!removed && removed.error().kind() != base::ErrorKind::conflict)
                         return Result<bool>(base::fail(removed.error()));
                       return Result<bool>(removed.has_value());
                     }});
}

}  // namespace

Result<Supplies::Tidied> Supplies::tidy(std::uint64_t budget, base::TimePoint before) const {
  std::vector<Kept> all;
  add_all(layers_, all);
  add_all(artifacts_, all);
  add_all(mirrors_, all);
  add_all(trees_, all);
  std::ranges::sort(all, {}, &Kept::used_at);
  std::uint64_t total = 0;
  for (const Kept& kept : all) total += kept.bytes;
  Tidied tidied;
  for (const Kept& kept : all) {
    if (total <= budget || kept.used_at >= before) break;
    const std::unique_lock alone(looking_);
    PIPELINE_ASSIGN(const bool went, kept.remove_unless_used(before));
    if (!went) continue;
    total -= kept.bytes;
    tidied.bytes += kept.bytes;
    ++tidied.count;
  }
  return tidied;
}

}  // namespace pipeline::agent
