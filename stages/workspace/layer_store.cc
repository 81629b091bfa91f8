#include "stages/workspace/layer_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "pipelines/base/text.h"
#include "stages/host/copy.h"
#include "stages/host/file.h"
#include "stages/host/file_owner.h"
#include "stages/host/hash.h"
#include "stages/host/job_user.h"
#include "stages/host/open_beneath.h"
#include "stages/host/seal.h"
#include "stages/host/tree_size.h"
#include "stages/workspace/layer_content.h"
#include "stages/workspace/layer_manifest.h"
#include "stages/workspace/scratch_directory.h"

namespace pipeline::workspace {

namespace fs = std::filesystem;
using host::Seal;
using host::UniqueFd;

namespace {

constexpr std::string_view kMaking = ".making-";
constexpr std::string_view kWhole = "whole";

tl::unexpected<base::Error> refused(const std::string& path) {
  const int error = errno;
  return base::fail(base::Error::from_errno(error, "collect \"" + base::printable(path) + "\""));
}

// Builds a layer's directory entry by entry and hashes it on the way.
class Collector {
 public:
  Collector(const MergedView& seen, std::size_t upper, int target, Take take)
      : seen_(seen), upper_(upper), target_(target), take_(take) {}

  base::Result<base::Digest> collect(const LayerContent& content) {
    auto whiteout = content.whiteouts.begin();
    for (const auto& [path, entry] : content.entries) {
      for (; whiteout != content.whiteouts.end() && *whiteout < path; ++whiteout)
        PIPELINE_TRY(put_whiteout(*whiteout));
      PIPELINE_TRY(put(entry));
    }
    for (; whiteout != content.whiteouts.end(); ++whiteout) PIPELINE_TRY(put_whiteout(*whiteout));
    return manifest_.finish();
  }

 private:
  base::Result<> put(const ViewEntry& entry) {
    switch (entry.type) {
      case EntryType::directory:
        // The second call because the first is subject to our umask.
        if (::mkdirat(target_, entry.path.c_str(), 0755) != 0 ||
            ::fchmodat(target_, entry.path.c_str(), 0755, 0) != 0)
          return refused(entry.path);
        manifest_.directory(entry.path);
        return {};
      case EntryType::symlink:
        if (::symlinkat(entry.target.c_str(), target_, entry.path.c_str()) != 0)
          return refused(entry.path);
        manifest_.symlink(entry.path, entry.target);
        return {};
      case EntryType::regular:
        return put_file(entry);
      case EntryType::special:
        break;
    }
    return base::fail(base::ErrorKind::internal,
                      "a " + std::string(kind_of(entry)) + " in a layer");
  }

  base::Result<> put_file(const ViewEntry& entry) {
    const bool executable = (entry.mode & 0111U) != 0;
    PIPELINE_ASSIGN(UniqueFd from, seen_.open_file(entry));
    PIPELINE_TRY(place(entry, from.get(), executable ? 0755 : 0644));
    if (::lseek(from.get(), 0, SEEK_SET) < 0) return refused(entry.path);
    PIPELINE_ASSIGN(const base::Digest digest, host::sha256_of(from.get()));
    manifest_.file(entry.path, executable, digest);
    return {};
  }

  // Moved from the upper directory, linked from an immutable one, or copied. A file with further
  // links is copied always: the others may lie outside of the outputs, where modes must not change.
  base::Result<> place(const ViewEntry& entry, int from, mode_t mode) const {
    const char* path = entry.path.c_str();
    const bool ours = entry.layer == upper_;
    if (ours && take_ == Take::move && entry.links == 1) {
      if (::fchmod(from, mode) != 0 || ::renameat(seen_.root(upper_), path, target_, path) != 0)
        return refused(entry.path);
      return {};
    }
    const bool normal = (entry.mode & 07777U) == mode;
    if (!ours && normal && ::linkat(seen_.root(entry.layer), path, target_, path, 0) == 0)
      return {};
    const UniqueFd to = host::open_beneath(target_, entry.path, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (!to) return refused(entry.path);
    PIPELINE_TRY(host::copy_bytes(from, to.get()));
    if (::fchmod(to.get(), mode) != 0) return refused(entry.path);
    return {};
  }

  base::Result<> put_whiteout(const std::string& path) {
    if (::mknodat(target_, path.c_str(), S_IFCHR, ::makedev(0, 0)) != 0) return refused(path);
    manifest_.whiteout(path);
    return {};
  }

  const MergedView& seen_;
  std::size_t upper_;
  int target_;
  Take take_;
  LayerManifest manifest_;
};

base::Result<base::Digest> build(const MergedView& seen, const LayerContent& content,
                                 const ScratchDirectory& making, Take take) {
  // Whoever reads the job's files reads them with the job's rights: root would also read what the
  // job was refused.
  const host::ActAs as_job(host::job_user());
  Collector collector(seen, seen.layers() - 1, making.fd(), take);
  return collector.collect(content);
}

}  // namespace

base::Result<MergedView> view_of(const Leftovers& leftovers) {
  std::vector<fs::path> layers;
  if (!leftovers.complete) layers = leftovers.lower;
  layers.push_back(leftovers.upper);
  return MergedView::open(layers);
}

base::Result<base::Digest> LayerStore::collect(const Leftovers& leftovers,
                                               const std::vector<std::string>& outputs,
                                               std::uint64_t max_bytes, Take take) const {
  PIPELINE_ASSIGN(const MergedView seen, view_of(leftovers));
  PIPELINE_ASSIGN(const MergedView below, MergedView::open(leftovers.lower));
  PIPELINE_ASSIGN(const LayerContent content, choose_content(seen, below, outputs, max_bytes));
  sweep_once(directory_, std::string(kMaking));
  PIPELINE_ASSIGN(auto making, ScratchDirectory::make(directory_, std::string(kMaking)));
  PIPELINE_TRY(host::give_to_job_user(making.path()));
  PIPELINE_ASSIGN(const base::Digest digest, build(seen, content, making, take));
  PIPELINE_TRY(keep(digest, making));
  return digest;
}

base::Result<> LayerStore::adopt(const base::Digest& digest, const Fill& fill) const {
  if (find(digest)) return {};
  sweep_once(directory_, std::string(kMaking));
  PIPELINE_ASSIGN(auto making, ScratchDirectory::make(directory_, std::string(kMaking)));
  PIPELINE_TRY(host::give_to_job_user(making.path()));
  {
    const host::ActAs as_job(host::job_user());
    PIPELINE_TRY(fill(making.fd()));
  }
  PIPELINE_ASSIGN(const base::Digest actual, name_by_content(making.path()));
  if (actual != digest)
    return base::fail(base::ErrorKind::corrupt, "these are not the outputs " + digest.short_hex());
  return keep(digest, making);
}

fs::path LayerStore::path_of(const base::Digest& digest) const {
  return directory_ / digest.hex();
}

fs::path LayerStore::seal_of(const base::Digest& digest) const {
  return directory_ / (digest.hex() + ".seal");
}

// The same layer may be here already: then it stays, since others may be using it.
base::Result<> LayerStore::keep(const base::Digest& digest, ScratchDirectory& making) const {
  PIPELINE_ASSIGN(const Seal seal, Seal::lock(seal_of(digest)));
  if (is_whole(digest, seal)) return {};
  PIPELINE_TRY(take_away(digest));
  if (::rename(making.path().c_str(), path_of(digest).c_str()) != 0)
    return base::fail(base::Error::from_errno(errno, "keep the layer " + digest.short_hex()));
  making.release();
  return seal.put(kWhole);
}

// In another boot than the one that made it every byte counts: it was never synced.
bool LayerStore::is_whole(const base::Digest& digest, const Seal& seal) const {
  std::error_code error;
  if (!fs::is_directory(path_of(digest), error)) return false;
  if (seal.holds(kWhole)) return true;
  const auto actual = name_by_content(path_of(digest));
  return actual && *actual == digest && seal.put(kWhole);
}

base::Result<> LayerStore::take_away(const base::Digest& digest) const {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(path_of(digest), error))) return {};
  PIPELINE_ASSIGN(const auto aside, ScratchDirectory::make(directory_, std::string(kMaking)));
  if (::rename(path_of(digest).c_str(), (aside.path() / "damaged").c_str()) != 0 && errno != ENOENT)
    return base::fail(base::Error::from_errno(errno, "move the layer " + digest.short_hex()));
  return {};
}

void LayerStore::mark_used(const base::Digest& digest) const {
  static_cast<void>(host::touch(seal_of(digest)));
}

std::optional<base::TimePoint> LayerStore::used_at(const base::Digest& digest) const {
  std::error_code error;
  return fs::is_directory(path_of(digest), error) ? host::touched(seal_of(digest)) : std::nullopt;
}

std::vector<base::Digest> LayerStore::all() const {
  std::vector<base::Digest> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error))
    if (const auto digest = base::Digest::parse(entry.path().filename().string()))
      found.push_back(*digest);
  return found;
}

std::uint64_t LayerStore::size_of(const base::Digest& digest) const {
  return host::tree_size(path_of(digest));
}

base::Result<> LayerStore::remove(const base::Digest& digest) const {
  PIPELINE_ASSIGN(const Seal seal, Seal::lock(seal_of(digest)));
  PIPELINE_TRY(take_away(digest));
  // Whoever waits for this file seals one that nobody reads: the layer is hashed once more.
  std::error_code error;
  fs::remove(seal_of(digest), error);
  return {};
}

base::Result<fs::path> LayerStore::find(const base::Digest& digest) const {
  fs::path path = path_of(digest);
  std::error_code error;
  std::string_view what = "are not here any more";
  if (fs::is_directory(path, error)) {
    if (Seal::holds(seal_of(digest), kWhole)) return path;
    PIPELINE_ASSIGN(const Seal seal, Seal::lock(seal_of(digest)));
    if (is_whole(digest, seal)) return path;
    PIPELINE_TRY(take_away(digest));
    what = "were damaged, and were removed";
  }
  return base::fail(base::Error(base::ErrorKind::not_found,
                                "the outputs " + digest.short_hex() + " " + std::string(what))
                        .hint("run the whole pipeline again"));
}

}  // namespace pipeline::workspace
