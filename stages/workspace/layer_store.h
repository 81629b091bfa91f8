// Layers: what jobs hand on to the jobs that need them. Immutable directories named by the SHA-256
// of a manifest of their content, so that the same outputs are the same layer whoever made them,
// whenever and in whatever order.
//
// The manifest is the line "pipeline-layer-1", then one line an entry in byte order of the paths:
//   <type><x> <length>:<path>[ <hex digest of a file's bytes> | <length>:<a symlink's target>]
// with type d, f, l or w and x being `x` when anybody may execute the file, `-` otherwise. w is a
// whiteout: below the layer there was something that the job removed.
//
// Layout below the store's directory:  <hex>/       a layer
//                                      <hex>.seal   the boot in which it was whole (host/seal.h):
//                                      layers
//                                                   are not synced, so each is hashed again when a
//                                                   later boot first asks for it
//
// Safe for concurrent calls from several threads and processes: layers appear by rename.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "stages/workspace/merged_view.h"

namespace pipeline::host {
class Seal;
}

namespace pipeline::workspace {

class ScratchDirectory;

// What a finished job left. Nothing may change it while it is collected from.
struct Leftovers {
  std::vector<std::filesystem::path> lower;  // as the job had them, lowest first
  std::filesystem::path upper;               // what it changed …
  bool complete = false;                     // … or, with a copied workspace, everything it saw
};

// The workspace as the job saw it; the last layer is what it changed.
base::Result<MergedView> view_of(const Leftovers& leftovers);

// Whether files may leave the upper directory for the layer, or must stay for a person to look at.
enum class Take { move, copy };

class LayerStore {
 public:
  explicit LayerStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Takes the named files and directories, each as the job saw it, into one layer. Refused with
  // ErrorKind::failed, by name, since it is the job's doing: an output that does not exist, a FIFO,
  // socket or device, and more than `max_bytes` altogether. Symlinks stay symlinks.
  base::Result<base::Digest> collect(const Leftovers& leftovers,
                                     const std::vector<std::string>& outputs,
                                     std::uint64_t max_bytes, Take take) const;

  // Takes a layer that came from elsewhere: `fill` puts what is in it into a directory, with the
  // job user's rights. ErrorKind::corrupt, and nothing stays, when that is not the named layer.
  // Does not ask when it is here already.
  using Fill = std::function<base::Result<>(int directory_fd)>;
  base::Result<> adopt(const base::Digest& digest, const Fill& fill) const;

  // The directory of a layer; ErrorKind::not_found when this machine does not have it, or had it
  // damaged: then it is removed, and collecting it again brings it back.
  base::Result<std::filesystem::path> find(const base::Digest& digest) const;

  // Somebody is about to use it: its time of use is now, if it is here.
  void mark_used(const base::Digest& digest) const;
  // When it was made, taken or marked last; none: it is not here.
  std::optional<base::TimePoint> used_at(const base::Digest& digest) const;
  std::vector<base::Digest> all() const;
  // Of its files; 0: it is not here.
  std::uint64_t size_of(const base::Digest& digest) const;

  // Nobody may have it in a workspace. Success when it is not here.
  base::Result<> remove(const base::Digest& digest) const;

 private:
  std::filesystem::path path_of(const base::Digest& digest) const;
  std::filesystem::path seal_of(const base::Digest& digest) const;
  base::Result<> keep(const base::Digest& digest, ScratchDirectory& making) const;
  bool is_whole(const base::Digest& digest, const host::Seal& seal) const;
  base::Result<> take_away(const base::Digest& digest) const;

  std::filesystem::path directory_;
};

}  // namespace pipeline::workspace
