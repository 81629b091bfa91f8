// Artifacts: immutable, named by the SHA-256 of their packed bytes. Packing is deterministic: the
// same paths, contents and exec bits give the same digest, whoever packs them, whenever and in
// whatever order they were made.
//
// Layout below the store's directory:
//   <hex>.tar.zst        the packed bytes, synced
//   <hex>/               unpacked, immutable, shared by its users; not synced
//   <hex>.seal           how the unpacked files looked, and in which boot (host/seal.h): when
//                        they look otherwise they are unpacked again
//   <hex>.tar.zst.seal   the same of the packed file, whose bytes were then the digest's; its time
//                        is when somebody last asked for them
// Safe for concurrent calls from several threads and processes: everything appears by rename.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "stages/artifact/packer.h"
#include "stages/workspace/merged_view.h"

namespace pipeline::artifact {

struct Packed {
  base::Digest digest;
  std::uint64_t size = 0;  // of the packed bytes
};

class ArtifactStore {
 public:
  // The directory is made when the first artifact is put.
  explicit ArtifactStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Packs what matches one of the globs (relative to the view's root); a directory that matches is
  // packed whole. Symlinks are kept as symlinks and never followed. Refused with ErrorKind::failed,
  // since it is the job's doing: a symlink that leads out of the artifact, a FIFO, socket or
  // device, a glob that matches nothing, and more than `max_bytes` of content. The observer sees
  // what is packed.
  base::Result<Packed> put(const workspace::MergedView& view, const std::vector<std::string>& globs,
                           std::uint64_t max_bytes, const PackObserver& observer = {}) const;

  // Takes packed bytes that came from elsewhere: the file goes, from the same file system.
  // ErrorKind::corrupt, and it stays, when they are not the digest's.
  base::Result<> adopt(const base::Digest& digest, const std::filesystem::path& file) const;

  // Packed bytes against the digest. ErrorKind::not_found, or corrupt with what to do.
  base::Result<> verify(const base::Digest& digest) const;
  // Whether the packed bytes are here and whole. Reads them only when they look otherwise than when
  // they were last known to be.
  bool has(const base::Digest& digest) const;

  // Somebody is about to name it: it is not taken away for a while, if it is here. To be called
  // before looking whether it is; has() does.
  void mark_used(const base::Digest& digest) const;
  // When somebody asked for its packed bytes last, or brought them; none: they are not here.
  std::optional<base::TimePoint> used_at(const base::Digest& digest) const;
  std::vector<base::Digest> all() const;
  // Packed and unpacked.
  std::uint64_t size_of(const base::Digest& digest) const;
  // Nobody may be using it. Success when it is not here.
  base::Result<> remove(const base::Digest& digest) const;

  // What is left of an artifact whose packed bytes were taken away: the unpacked directory.
  base::Result<> forget(const base::Digest& digest) const;

  // Verifies, then unpacks into `destination`, which must not exist and appears whole or not at
  // all. Never writes outside of it, whatever the archive says.
  base::Result<> unpack(const base::Digest& digest, const std::filesystem::path& destination) const;

  // The shared unpacked directory, for mounting read-only: made from verified bytes, and made again
  // when sizes or times of its files are not what they were, or in another boot.
  base::Result<std::filesystem::path> unpacked(const base::Digest& digest) const;

  // Where the packed bytes lie, verified or not.
  std::filesystem::path packed_file(const base::Digest& digest) const;

 private:
  base::Result<> keep(const base::Digest& digest, const std::filesystem::path& synced) const;
  base::Result<> unpack_verified(const base::Digest& digest,
                                 const std::filesystem::path& destination) const;
  base::Result<std::filesystem::path> scratch_parent(
      const std::filesystem::path& destination) const;
  std::filesystem::path unpacked_directory(const base::Digest& digest) const;

  std::filesystem::path directory_;
};

}  // namespace pipeline::artifact
