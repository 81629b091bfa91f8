#include "runner/keeping/restore.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "runner/keeping/unpacked_backup.h"
#include "stages/host/file.h"
#include "stages/workspace/scratch_directory.h"

namespace pipeline::keeping {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;
using workspace::ScratchDirectory;

namespace {

Error with_next_step(Error error) {
  if (error.kind() == ErrorKind::corrupt)
    return std::move(error).hint("restore another backup; check the disk that this one is on");
  if (error.kind() == ErrorKind::exhausted)
    return std::move(error).hint("free some space there, or name a directory on another disk");
  return error;
}

Result<> check_place(const fs::path& root) {
  std::error_code error;
  const auto status = fs::symlink_status(root, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (status.type() == fs::file_type::directory && fs::is_empty(root, error) && !error) return {};
  return base::fail(
      Error(ErrorKind::already_exists, root.string() + " exists already and is not empty")
          .hint("name a directory that does not exist, or move that one away: mv " + root.string() +
                " " + root.string() + ".old"));
}

Result<ScratchDirectory> make_scratch(const fs::path& parent, const std::string& prefix) {
  workspace::sweep(parent, prefix);
  PIPELINE_ASSIGN(ScratchDirectory scratch, ScratchDirectory::make(parent, prefix));
  if (::fchmod(scratch.fd(), 0700) != 0)
    return base::fail(Error::from_errno(errno, "set the mode of " + scratch.path().string()));
  return scratch;
}

Result<Manifest> unpack(const fs::path& file, UnpackedBackup& unpacked) {
  PIPELINE_ASSIGN(const host::UniqueFd backup, host::open_file(file, O_RDONLY));
  return unpacked.read(backup.get());
}

// All of it on the disk before it has the name, and then the name.
Result<> put_in_place(ScratchDirectory& made, const fs::path& root) {
  // As a state directory is made (store::Paths::open): jobs of a root program must be able to pass.
  if (::fchmod(made.fd(), ::geteuid() == 0 ? 0755 : 0700) != 0 || ::syncfs(made.fd()) != 0)
    return base::fail(Error::from_errno(errno, "sync " + made.path().string()));
  if (::rename(made.path().c_str(), root.c_str()) != 0) {
    if (errno == EBUSY)
      return base::fail(Error(ErrorKind::conflict, root.string() + " is a mount point")
                            .hint("name a directory below it"));
    return base::fail(Error::from_errno(errno, "rename to " + root.string()));
  }
  made.release();
  PIPELINE_ASSIGN(const host::UniqueFd parent,
                  host::open_file(root.parent_path(), O_RDONLY | O_DIRECTORY));
  if (::fsync(parent.get()) != 0)
    return base::fail(Error::from_errno(errno, "sync " + root.parent_path().string()));
  return {};
}

// Runs name the repositories that are hosted by where they lie.
Result<std::size_t> move_repositories(const fs::path& database_file, const fs::path& before,
                                      const fs::path& root, store::DatabaseKeeper& database) {
  std::error_code error;
  const fs::path now = fs::weakly_canonical(root, error);
  if (error) return base::fail(Error::from_errno(error.value(), "find " + root.string()));
  if (now == before) return std::size_t{0};
  return database.move_repositories(database_file, store::Paths(before).repositories(),
                                    store::Paths(now).repositories());
}

Result<Restored> restore_to(const fs::path& file, const fs::path& root,
                            store::DatabaseKeeper& database, const std::stop_token& stop,
                            const Progress& progress) {
  PIPELINE_TRY(check_place(root));
  PIPELINE_ASSIGN(ScratchDirectory made,
                  make_scratch(root.parent_path(), root.filename().string() + ".restoring-"));
  UnpackedBackup unpacked(made.path(), UnpackedBackup::Write::everything, database, stop, progress);
  PIPELINE_ASSIGN(Manifest manifest, unpack(file, unpacked));
  PIPELINE_ASSIGN(const std::size_t unreadable,
                  move_repositories(made.path() / kDatabase, manifest.root, root, database));
  PIPELINE_TRY(put_in_place(made, root));
  return Restored{std::move(manifest), unreadable};
}

Result<Manifest> look_through(const fs::path& file, store::DatabaseKeeper& database,
                              const std::stop_token& stop, const Progress& progress) {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  if (error) return base::fail(Error::from_errno(error.value(), "find a place for the database"));
  PIPELINE_ASSIGN(const ScratchDirectory scratch, make_scratch(parent, ".pipeline-restore-check-"));
  UnpackedBackup unpacked(scratch.path(), UnpackedBackup::Write::database, database, stop,
                          progress);
  return unpack(file, unpacked);
}

// Without a slash at its end.
Result<fs::path> whole_path(const fs::path& root) {
  std::error_code error;
  fs::path whole = fs::absolute(root, error).lexically_normal();
  if (whole.filename().empty()) whole = whole.parent_path();
  if (!error && whole.has_filename()) return whole;
  return base::fail(Error(ErrorKind::invalid, root.string() + " is no place for a state directory")
                        .hint("name a directory that does not exist"));
}

}  // namespace

Result<Restored> restore(const fs::path& file, const fs::path& root,
                         store::DatabaseKeeper& database, const std::stop_token& stop,
                         const Progress& progress) {
  PIPELINE_ASSIGN(const fs::path whole, whole_path(root));
  auto restored = restore_to(file, whole, database, stop, progress);
  if (restored) return restored;
  return base::fail(with_next_step(std::move(restored).error().during("restore " + file.string())));
}

Result<Manifest> check_backup(const fs::path& file, store::DatabaseKeeper& database,
                              const std::stop_token& stop, const Progress& progress) {
  auto checked = look_through(file, database, stop, progress);
  if (checked) return checked;
  return base::fail(with_next_step(std::move(checked).error().during("check " + file.string())));
}

}  // namespace pipeline::keeping
