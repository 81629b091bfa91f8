#include "stages/artifact/artifact_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "stages/artifact/packer.h"
#include "stages/artifact/selection.h"
#include "stages/host/file.h"
#include "stages/host/hash.h"
#include "stages/workspace/scratch_directory.h"

namespace pipeline::artifact {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using workspace::ScratchDirectory;

namespace {

constexpr const char* kPacking = ".packing-";
constexpr const char* kUnpacking = ".unpacking-";

base::Result<> rename_into_place(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  const int error = errno;
  if (error == ENOTEMPTY || error == EEXIST || error == ENOTDIR)
    return base::fail(ErrorKind::already_exists, to.string() + " exists already");
  return base::fail(Error::from_errno(error, "rename to " + to.string()));
}

Error absent(const base::Digest& digest) {
  return Error(ErrorKind::not_found, "the artifact " + digest.short_hex() + " is not here")
      .hint("run the pipeline that makes it again");
}

}  // namespace

fs::path ArtifactStore::packed_file(const base::Digest& digest) const {
  return directory_ / (digest.hex() + ".tar.zst");
}

base::Result<Packed> ArtifactStore::put(const workspace::MergedView& view,
                                        const std::vector<std::string>& globs,
                                        std::uint64_t max_bytes) const {
  PIPELINE_ASSIGN(const auto entries, select(view, globs, max_bytes));
  workspace::sweep_once(directory_, kPacking);
  PIPELINE_ASSIGN(const ScratchDirectory scratch, ScratchDirectory::make(directory_, kPacking));
  const fs::path packing = scratch.path() / "packed";
  PIPELINE_ASSIGN(const host::UniqueFd fd,
                  host::open_file(packing, O_WRONLY | O_CREAT | O_EXCL, 0644));
  host::Sha256 hash;
  std::uint64_t size = 0;
  PIPELINE_TRY(pack(view, entries, [&](std::string_view bytes) {
    hash.update(bytes);
    size += bytes.size();
    return host::write_all(fd.get(), bytes);
  }));
  // What is promoted to production must outlive a power cut.
  if (::fdatasync(fd.get()) != 0) return base::fail(Error::from_errno(errno, "sync the artifact"));
  const Packed packed{hash.finish(), size};
  // Over an earlier copy, if there is one: the same bytes, unless it was damaged.
  PIPELINE_TRY(rename_into_place(packing, packed_file(packed.digest)));
  return packed;
}

base::Result<> ArtifactStore::verify(const base::Digest& digest) const {
  const fs::path path = packed_file(digest);
  const auto fd = host::open_file(path, O_RDONLY);
  if (!fd) {
    if (fd.error().kind() == ErrorKind::not_found) return base::fail(absent(digest));
    return base::fail(fd.error());
  }
  PIPELINE_ASSIGN(const base::Digest actual, host::sha256_of(fd->get()));
  if (actual == digest) return {};
  return base::fail(Error(ErrorKind::corrupt, "the artifact " + digest.short_hex() +
                                                  " is damaged: its bytes are those of " +
                                                  actual.short_hex())
                        .hint("remove " + path.string() +
                              " and run the pipeline that makes it again; check the disk"));
}

base::Result<> ArtifactStore::unpack(const base::Digest& digest,
                                     const fs::path& destination) const {
  std::error_code error;
  if (fs::exists(fs::symlink_status(destination, error)))
    return base::fail(ErrorKind::already_exists, destination.string() + " exists already");
  PIPELINE_TRY(verify(digest));
  workspace::sweep_once(destination.parent_path(), kUnpacking);
  PIPELINE_ASSIGN(auto scratch, ScratchDirectory::make(destination.parent_path(), kUnpacking));
  PIPELINE_ASSIGN(const host::UniqueFd packed, host::open_file(packed_file(digest), O_RDONLY));
  if (auto done = artifact::unpack(packed.get(), scratch.fd()); !done)
    return base::during(std::move(done), "unpack the artifact " + digest.short_hex());
  PIPELINE_TRY(rename_into_place(scratch.path(), destination));
  scratch.release();
  return {};
}

base::Result<fs::path> ArtifactStore::unpacked(const base::Digest& digest) const {
  fs::path path = directory_ / digest.hex();
  std::error_code error;
  if (fs::is_directory(path, error)) return path;
  // Somebody else may have been faster.
  if (auto done = unpack(digest, path); !done && !fs::is_directory(path, error))
    return base::fail(std::move(done).error());
  return path;
}

}  // namespace pipeline::artifact
