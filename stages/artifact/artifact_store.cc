#include "stages/artifact/artifact_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "stages/artifact/packer.h"
#include "stages/artifact/selection.h"
#include "stages/host/file.h"
#include "stages/host/hash.h"
#include "stages/host/remove.h"
#include "stages/host/seal.h"
#include "stages/host/tree_size.h"
#include "stages/workspace/scratch_directory.h"

namespace pipeline::artifact {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using host::Seal;
using workspace::ScratchDirectory;

namespace {

constexpr std::string_view kPacked = ".tar.zst";
constexpr const char* kPacking = ".packing-";
constexpr const char* kUnpacking = ".unpacking-";

base::Result<> rename_into_place(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  const int error = errno;
  if (error == ENOTEMPTY || error == EEXIST || error == ENOTDIR)
    return base::fail(ErrorKind::already_exists, to.string() + " exists already");
  return base::fail(Error::from_errno(error, "rename to " + to.string()));
}

fs::path seal_of(const fs::path& path) {
  return path.string() + ".seal";
}

// After a rename: a file that was synced can still be lost with its name.
base::Result<> sync_directory(const fs::path& directory) {
  PIPELINE_ASSIGN(const host::UniqueFd fd, host::open_file(directory, O_RDONLY | O_DIRECTORY));
  if (::fsync(fd.get()) == 0) return {};
  return base::fail(Error::from_errno(errno, "sync " + directory.string()));
}

// Which mount a path lies on: within one a rename works, and nowhere else.
std::optional<std::uint64_t> mount_of(const fs::path& path) {
  struct statx status {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_MNT_ID, &status) != 0 ||
      (status.stx_mask & STATX_MNT_ID) == 0)
    return std::nullopt;
  return status.stx_mnt_id;
}

// What changes when somebody writes into the file; empty when there is none.
std::string look_of_file(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return "";
  const auto time = [](const timespec& at) {
    return std::to_string(at.tv_sec) + "." + std::to_string(at.tv_nsec);
  };
  return std::to_string(status.st_size) + " " + time(status.st_mtim) + " " + time(status.st_ctim);
}

// The same of everything in a directory, by its metadata alone.
base::Result<std::string> look_of_tree(const fs::path& directory) {
  PIPELINE_ASSIGN(const auto view, workspace::MergedView::open({directory}));
  PIPELINE_ASSIGN(const auto entries, view.list(""));
  host::Sha256 hash;
  for (const workspace::ViewEntry& entry : entries) {
    const std::string numbers = std::to_string(entry.mode) + " " + std::to_string(entry.size) +
                                " " + std::to_string(entry.modified) + " " +
                                std::to_string(entry.changed) + " ";
    hash.update(numbers + std::to_string(entry.path.size()) + ":" + entry.path + entry.target +
                "\n");
  }
  return hash.finish().hex();
}

Error absent(const base::Digest& digest) {
  return Error(ErrorKind::not_found, "the artifact " + digest.short_hex() + " is not here")
      .hint("run the pipeline that makes it again");
}

}  // namespace

fs::path ArtifactStore::packed_file(const base::Digest& digest) const {
  return directory_ / (digest.hex() + std::string(kPacked));
}

base::Result<Packed> ArtifactStore::put(const workspace::MergedView& view,
                                        const std::vector<std::string>& globs,
                                        std::uint64_t max_bytes,
                                        const PackObserver& observer) const {
  PIPELINE_ASSIGN(const auto entries, select(view, globs, max_bytes));
  workspace::sweep_once(directory_, kPacking);
  PIPELINE_ASSIGN(const ScratchDirectory scratch, ScratchDirectory::make(directory_, kPacking));
  const fs::path packing = scratch.path() / "packed";
  PIPELINE_ASSIGN(const host::UniqueFd fd,
                  host::open_file(packing, O_WRONLY | O_CREAT | O_EXCL, 0644));
  host::Sha256 hash;
  std::uint64_t size = 0;
  PIPELINE_TRY(pack(
      view, entries,
      [&](std::string_view bytes) {
        hash.update(bytes);
        size += bytes.size();
        return host::write_all(fd.get(), bytes);
      },
      observer));
  // What is promoted to production must outlive a power cut.
  if (::fdatasync(fd.get()) != 0) return base::fail(Error::from_errno(errno, "sync the artifact"));
  const Packed packed{hash.finish(), size};
  PIPELINE_TRY(keep(packed.digest, packing));
  return packed;
}

base::Result<> ArtifactStore::adopt(const base::Digest& digest, const fs::path& file) const {
  PIPELINE_ASSIGN(const host::UniqueFd fd, host::open_file(file, O_RDONLY));
  PIPELINE_ASSIGN(const base::Digest actual, host::sha256_of(fd.get()));
  if (actual != digest)
    return base::fail(ErrorKind::corrupt, "these bytes are not the artifact " + digest.short_hex());
  if (::fdatasync(fd.get()) != 0) return base::fail(Error::from_errno(errno, "sync the artifact"));
  std::error_code error;
  fs::create_directories(directory_, error);
  return keep(digest, file);
}

// Over an earlier copy, if there is one: the same bytes, unless it was damaged.
base::Result<> ArtifactStore::keep(const base::Digest& digest, const fs::path& synced) const {
  PIPELINE_TRY(rename_into_place(synced, packed_file(digest)));
  PIPELINE_TRY(sync_directory(directory_));
  PIPELINE_ASSIGN(const Seal seal, Seal::lock(seal_of(packed_file(digest))));
  return seal.put(look_of_file(packed_file(digest)));
}

void ArtifactStore::mark_used(const base::Digest& digest) const {
  const fs::path file = packed_file(digest);
  std::error_code error;
  if (host::touch(seal_of(file)) || !fs::exists(file, error)) return;
  static_cast<void>(host::open_file(seal_of(file), O_WRONLY | O_CREAT));
}

std::optional<base::TimePoint> ArtifactStore::used_at(const base::Digest& digest) const {
  const auto brought = host::touched(packed_file(digest));
  const auto asked = host::touched(seal_of(packed_file(digest)));
  return brought && asked ? std::max(brought, asked) : brought;
}

std::vector<base::Digest> ArtifactStore::all() const {
  std::vector<base::Digest> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(kPacked)) continue;
    if (const auto digest = base::Digest::parse(name.substr(0, name.size() - kPacked.size())))
      found.push_back(*digest);
  }
  return found;
}

std::uint64_t ArtifactStore::size_of(const base::Digest& digest) const {
  std::error_code error;
  const std::uintmax_t packed = fs::file_size(packed_file(digest), error);
  return (error ? 0 : packed) + host::tree_size(unpacked_directory(digest));
}

base::Result<> ArtifactStore::remove(const base::Digest& digest) const {
  PIPELINE_TRY(host::remove_all(packed_file(digest)));
  return forget(digest);
}

base::Result<> ArtifactStore::forget(const base::Digest& digest) const {
  const fs::path unpacked = unpacked_directory(digest);
  std::error_code error;
  if (fs::exists(packed_file(digest), error)) return {};  // it has come again
  PIPELINE_ASSIGN(const Seal seal, Seal::lock(seal_of(unpacked)));
  PIPELINE_TRY(host::remove_all(unpacked));
  fs::remove(seal_of(packed_file(digest)), error);
  fs::remove(seal_of(unpacked), error);
  return {};
}

bool ArtifactStore::has(const base::Digest& digest) const {
  mark_used(digest);
  const fs::path file = packed_file(digest);
  const std::string look = look_of_file(file);
  if (look.empty()) return false;
  if (Seal::holds(seal_of(file), look)) return true;
  const auto seal = Seal::lock(seal_of(file));
  // A note that cannot be written only means that the bytes are read again next time.
  if (!verify(digest)) return false;
  if (seal) static_cast<void>(seal->put(look));
  return true;
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
  return unpack_verified(digest, destination);
}

base::Result<> ArtifactStore::unpack_verified(const base::Digest& digest,
                                              const fs::path& destination) const {
  PIPELINE_TRY(verify(digest));
  PIPELINE_ASSIGN(const fs::path where, scratch_parent(destination));
  PIPELINE_ASSIGN(auto scratch, ScratchDirectory::make(where, kUnpacking));
  PIPELINE_ASSIGN(const host::UniqueFd packed, host::open_file(packed_file(digest), O_RDONLY));
  if (auto done = artifact::unpack(packed.get(), scratch.fd()); !done)
    return base::during(std::move(done), "unpack the artifact " + digest.short_hex());
  PIPELINE_TRY(rename_into_place(scratch.path(), destination));
  scratch.release();
  return {};
}

// In the store, where what a killed process left is swept, if a rename from there can reach the
// destination. A user's own directory is never swept.
base::Result<fs::path> ArtifactStore::scratch_parent(const fs::path& destination) const {
  const fs::path parent = destination.parent_path();
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) return base::fail(Error::from_errno(error.value(), "make " + parent.string()));
  const auto here = mount_of(directory_);
  if (!here || here != mount_of(parent)) return parent;
  workspace::sweep_once(directory_, kUnpacking);
  return directory_;
}

fs::path ArtifactStore::unpacked_directory(const base::Digest& digest) const {
  return directory_ / digest.hex();
}

base::Result<fs::path> ArtifactStore::unpacked(const base::Digest& digest) const {
  fs::path path = unpacked_directory(digest);
  const auto is_as_it_was = [&] {
    const auto look = look_of_tree(path);
    return look && Seal::holds(seal_of(path), *look);
  };
  if (is_as_it_was()) return path;
  std::error_code error;
  if (!fs::exists(packed_file(digest), error)) return base::fail(absent(digest));
  PIPELINE_ASSIGN(const Seal seal, Seal::lock(seal_of(path)));
  if (is_as_it_was()) return path;  // somebody else was faster
  PIPELINE_ASSIGN(const auto aside, ScratchDirectory::make(directory_, kUnpacking));
  if (::rename(path.c_str(), (aside.path() / "old").c_str()) != 0 && errno != ENOENT)
    return base::fail(Error::from_errno(errno, "move " + path.string() + " away"));
  PIPELINE_TRY(unpack_verified(digest, path));
  PIPELINE_ASSIGN(const std::string look, look_of_tree(path));
  PIPELINE_TRY(seal.put(look));
  return path;
}

}  // namespace pipeline::artifact
