#include "runner/keeping/unpacked_backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "pipelines/base/text.h"
#include "stages/artifact/selection.h"
#include "stages/host/file.h"
#include "stages/host/hash.h"
#include "stages/host/job_user.h"
#include "stages/host/open_beneath.h"

namespace pipeline::keeping {

namespace fs = std::filesystem;
using artifact::BundleEntry;
using artifact::BundleKind;
using artifact::BundleReader;
using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

constexpr mode_t kHarmless = 0777;
constexpr std::size_t kMostManifest = std::size_t{512} << 20U;
constexpr std::string_view kArtifacts = "artifacts/";
constexpr std::string_view kPacked = ".tar.zst";

tl::unexpected<Error> corrupt(const std::string& path, std::string_view why) {
  return base::fail(ErrorKind::corrupt,
                    "it holds \"" + base::printable(path) + "\", " + std::string(why));
}

bool belongs(const std::string& path) {
  constexpr std::array<std::string_view, 4> kFiles = {kDatabase, "secret.key", "admin.token",
                                                      kManifest};
  constexpr std::array<std::string_view, 6> kDirectories = {
      "repositories", "successes", "runs", "artifacts", "packed-layers", "environments"};
  const std::string top = path.substr(0, path.find('/'));
  const auto& tops = top == path && std::ranges::find(kFiles, path) != kFiles.end();
  return tops || std::ranges::find(kDirectories, top) != kDirectories.end();
}

// What the system refused: its own trouble, or an entry that collides with another one.
tl::unexpected<Error> refused(const std::string& path) {
  switch (const int error = errno; error) {
    case EEXIST:
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EXDEV:
      return corrupt(path, "which has no place of its own there");
    default:
      return base::fail(Error::from_errno(error, "unpack \"" + base::printable(path) + "\""));
  }
}

Result<> give_back(const fs::path& path, uid_t owner) {
  if (owner == host::kDedicatedJobUid) return host::give_to_job_user(path);
  if (owner == host::kDedicatedInstanceUid) return host::give_to_instance_user(path);
  return {};
}

Result<> check_name(const FileRecord& file) {
  if (!file.path.starts_with(kArtifacts)) return {};
  const std::string name = file.path.substr(kArtifacts.size());
  if (name == file.sha256.hex() + std::string(kPacked)) return {};
  return corrupt(file.path, "which is not the artifact of that name");
}

host::UniqueFd parent_of(int root, const std::string& path) {
  const auto slash = path.rfind('/');
  return host::open_beneath(root, slash == std::string::npos ? "" : path.substr(0, slash),
                            O_RDONLY | O_DIRECTORY);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

Result<Manifest> UnpackedBackup::read(int backup_fd) {
  PIPELINE_ASSIGN(const host::UniqueFd root, host::open_file(directory_, O_RDONLY | O_DIRECTORY));
  root_ = root.get();
  PIPELINE_ASSIGN(BundleReader reader, BundleReader::open(backup_fd));
  while (true) {
    if (stop_.stop_requested()) return base::fail(ErrorKind::cancelled, "interrupted");
    PIPELINE_ASSIGN(const auto entry, reader.next());
    if (!entry) break;
    PIPELINE_TRY(take(*entry, reader));
  }
  if (!manifest_)
    return base::fail(ErrorKind::corrupt, "it has no manifest, so it was cut off or is no backup");
  PIPELINE_TRY(check_against_manifest());
  PIPELINE_TRY(set_modes());
  return *manifest_;
}

Result<> UnpackedBackup::take(const BundleEntry& entry, BundleReader& reader) {
  if (manifest_) return corrupt(entry.path, "after its end");
  if (!belongs(entry.path)) return corrupt(entry.path, "which is not part of a state directory");
  if (!paths_.insert(entry.path).second) return corrupt(entry.path, "twice");
  switch (entry.kind) {
    case BundleKind::directory:
      return take_directory(entry);
    case BundleKind::symlink:
      return take_symlink(entry);
    case BundleKind::file:
      break;
  }
  return entry.path == kManifest ? take_manifest(reader) : take_file(entry, reader);
}

Result<> UnpackedBackup::take_directory(const BundleEntry& entry) {
  if (write_ != Write::everything) return {};
  const host::UniqueFd parent = parent_of(root_, entry.path);
  if (!parent || ::mkdirat(parent.get(), name_of(entry.path).c_str(), 0700) != 0)
    return refused(entry.path);
  directory_modes_.emplace_back(entry.path, entry.mode & kHarmless);
  return give_back(directory_ / entry.path, entry.owner);
}

// Those of deployed releases are kept; nothing else of a state directory is one.
Result<> UnpackedBackup::take_symlink(const BundleEntry& entry) {
  if (!entry.path.starts_with("environments/") || !artifact::stays_inside(entry.path, entry.target))
    return corrupt(entry.path, "a symlink that has no business there");
  if (write_ != Write::everything) return {};
  const host::UniqueFd parent = parent_of(root_, entry.path);
  if (!parent || ::symlinkat(entry.target.c_str(), parent.get(), name_of(entry.path).c_str()) != 0)
    return refused(entry.path);
  return {};
}

Result<> UnpackedBackup::take_file(const BundleEntry& entry, BundleReader& reader) {
  const bool is_database = entry.path == kDatabase;
  host::UniqueFd to;
  if (is_database || write_ == Write::everything) {
    to = host::open_beneath(root_, entry.path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!to || ::fchmod(to.get(), entry.mode & kHarmless) != 0) return refused(entry.path);
    PIPELINE_TRY(give_back(directory_ / entry.path, entry.owner));
  }
  PIPELINE_ASSIGN(FileRecord file, copy(entry, reader, to.get()));
  PIPELINE_TRY(check_name(file));
  files_.emplace(entry.path, std::move(file));
  // As soon as it is there: a later program's backup may hold what we know nothing of.
  if (is_database) {
    PIPELINE_ASSIGN(schema_, database_.look_over(directory_ / kDatabase));
  }
  return {};
}

Result<> UnpackedBackup::take_manifest(BundleReader& reader) {
  std::string text;
  std::array<char, std::size_t{64} << 10U> block{};
  while (true) {
    PIPELINE_ASSIGN(const std::size_t size, reader.read(block));
    if (size == 0) break;
    text.append(block.data(), size);
    if (text.size() > kMostManifest) return corrupt(kManifest, "which is too large");
  }
  PIPELINE_ASSIGN(manifest_, manifest_from_json(text));
  return {};
}

// To nowhere when `to` is none.
Result<FileRecord> UnpackedBackup::copy(const BundleEntry& entry, BundleReader& reader, int to) {
  std::string block(std::size_t{256} << 10U, '\0');
  host::Sha256 hash;
  std::uint64_t size = 0;
  while (true) {
    if (stop_.stop_requested()) return base::fail(ErrorKind::cancelled, "interrupted");
    if (progress_) progress_(bytes_, entry.path);
    PIPELINE_ASSIGN(const std::size_t n, reader.read(block));
    if (n == 0) break;
    const std::string_view bytes = std::string_view(block).substr(0, n);
    hash.update(bytes);
    if (to >= 0) PIPELINE_TRY(host::write_all(to, bytes));
    size += n;
    bytes_ += n;
  }
  return FileRecord{entry.path, size, hash.finish()};
}

Result<> UnpackedBackup::check_against_manifest() const {
  if (!schema_) return base::fail(ErrorKind::corrupt, "it has no database");
  if (*schema_ != manifest_->schema)
    return base::fail(ErrorKind::corrupt, "its manifest speaks of another database");
  for (const FileRecord& said : manifest_->files) {
    const auto found = files_.find(said.path);
    if (found == files_.end())
      return base::fail(ErrorKind::corrupt,
                        "\"" + base::printable(said.path) + "\" is missing from it");
    if (found->second != said)
      return corrupt(said.path, "whose bytes are not those that were packed");
  }
  if (manifest_->files.size() != files_.size())
    return base::fail(ErrorKind::corrupt, "it holds files that its manifest does not name");
  return {};
}

Result<> UnpackedBackup::set_modes() const {
  for (const auto& [path, mode] : directory_modes_) {
    const host::UniqueFd made = host::open_beneath(root_, path, O_RDONLY | O_DIRECTORY);
    if (!made || ::fchmod(made.get(), mode) != 0) return refused(path);
  }
  return {};
}

}  // namespace pipeline::keeping
