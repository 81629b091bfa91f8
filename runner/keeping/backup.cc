#include "runner/keeping/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "runner/store/lease.h"
#include "stages/host/file.h"
#include "stages/workspace/scratch_directory.h"

namespace pipeline::keeping {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;
using workspace::ScratchDirectory;

namespace {

constexpr const char* kScratch = ".pipeline-backup-";

// A file that goes again unless it was renamed to where it belongs.
class PartFile {
 public:
  static Result<PartFile> make(const fs::path& file) {
    const fs::path part = file.string() + ".part";
    // What a killed backup left is nobody's.
    std::error_code error;
    fs::remove(part, error);
    PIPELINE_ASSIGN(host::UniqueFd fd, host::open_file(part, O_WRONLY | O_CREAT | O_EXCL, 0600));
    return PartFile(part, std::move(fd));
  }
  PartFile(PartFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)) {}
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile() {
    std::error_code error;
    if (!path_.empty()) fs::remove(path_, error);
  }

  int fd() const { return fd_.get(); }
  // Its size. Never over something that is there.
  Result<std::uint64_t> become(const fs::path& file) {
    struct stat status {};
    if (::fsync(fd_.get()) != 0 || ::fstat(fd_.get(), &status) != 0)
      return base::fail(Error::from_errno(errno, "sync " + path_.string()));
    if (!rename_to(file)) return base::fail(Error::from_errno(errno, "rename to " + file.string()));
    path_.clear();
    PIPELINE_ASSIGN(const host::UniqueFd parent,
                    host::open_file(file.parent_path(), O_RDONLY | O_DIRECTORY));
    if (::fsync(parent.get()) != 0)
      return base::fail(Error::from_errno(errno, "sync " + file.parent_path().string()));
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  bool rename_to(const fs::path& file) const {
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0)
      return true;
    // A file system that cannot refuse it: the name was free when we began.
    return errno == EINVAL && ::rename(path_.c_str(), file.c_str()) == 0;
  }

  PartFile(fs::path path, host::UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  fs::path path_;
  host::UniqueFd fd_;
};

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// Git's own work that is not done: locks, and objects of a push that was not accepted yet.
bool is_git_work(const std::string& path) {
  const std::string name = name_of(path);
  return name.ends_with(".lock") || name.starts_with("tmp_") || name.starts_with("incoming-");
}

// Loose refs before packed ones, into which they go, and refs before the objects that they name.
// Objects never change, but git packs them anew: looked for until there are no more.
Result<> add_repository(PackedState& state, const std::string& repository) {
  const std::string objects = repository + "/objects";
  const std::string packed_refs = repository + "/packed-refs";
  PIPELINE_TRY(state.add(repository, [&](const std::string& path) {
    return path != objects && path != packed_refs && !is_git_work(path);
  }));
  PIPELINE_TRY(state.add(packed_refs));
  constexpr int kMostRounds = 100;
  for (int round = 0; round < kMostRounds; ++round) {
    const std::size_t before = state.files().size();
    PIPELINE_TRY(state.add(objects, [](const std::string& path) { return !is_git_work(path); }));
    if (state.files().size() == before) return {};
  }
  return base::fail(Error(ErrorKind::conflict, repository + " does not come to rest")
                        .hint("take the backup again"));
}

Result<std::vector<std::string>> repositories_in(const store::Paths& paths,
                                                 std::string_view ending) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(paths.repositories(), error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(ending)) found.push_back("repositories/" + name);
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return base::fail(Error::from_errno(error.value(), "list " + paths.repositories().string()));
  std::ranges::sort(found);
  return found;
}

// Whose lock a lease is does not outlive the machine.
bool is_of_a_run(const std::string& path) {
  return name_of(path) != "lease" || std::ranges::count(path, '/') != 2;
}

// The packed bytes alone: what is unpacked is made of them again.
bool is_packed_artifact(const std::string& path) {
  return path == "artifacts" || path.ends_with(".tar.zst");
}

bool is_whole_layer(const std::string& path) {
  return !name_of(path).starts_with(".");
}

// Which refs had their runs is read first, and then the runs: after a restore a ref that moved
// meanwhile may have its runs twice, but never none.
Result<int> add_names(PackedState& state, const store::Paths& paths,
                      store::DatabaseKeeper& database, const ScratchDirectory& scratch) {
  PIPELINE_ASSIGN(const auto seen, repositories_in(paths, ".seen"));
  for (const std::string& file : seen) PIPELINE_TRY(state.add(file));
  const fs::path copy = scratch.path() / kDatabase;
  PIPELINE_ASSIGN(const int schema, database.copy_to(copy));
  if (::chmod(copy.c_str(), 0600) != 0)
    return base::fail(Error::from_errno(errno, "set the mode of " + copy.string()));
  PIPELINE_TRY(state.add_file(kDatabase, copy));
  PIPELINE_TRY(state.add("secret.key"));
  PIPELINE_TRY(state.add("admin.token"));
  return schema;
}

Result<> add_named(PackedState& state, const store::Paths& paths) {
  PIPELINE_ASSIGN(const auto repositories, repositories_in(paths, ".git"));
  for (const std::string& repository : repositories)
    PIPELINE_TRY(add_repository(state, repository));
  PIPELINE_TRY(state.add("successes"));
  PIPELINE_TRY(state.add("runs", is_of_a_run));
  PIPELINE_TRY(state.add("artifacts", is_packed_artifact));
  PIPELINE_TRY(state.add("packed-layers", is_whole_layer));
  return state.add("environments");
}

// For nobody else's eyes: the copy of the database is made in it.
Result<ScratchDirectory> private_scratch(const fs::path& parent) {
  workspace::sweep(parent, kScratch);
  PIPELINE_ASSIGN(ScratchDirectory scratch, ScratchDirectory::make(parent, kScratch));
  if (::fchmod(scratch.fd(), 0700) != 0)
    return base::fail(Error::from_errno(errno, "set the mode of " + scratch.path().string()));
  return scratch;
}

Result<fs::path> free_name(const fs::path& file) {
  std::error_code error;
  const fs::path whole = fs::absolute(file, error);
  if (fs::symlink_status(whole, error).type() != fs::file_type::not_found)
    return base::fail(Error(ErrorKind::already_exists, file.string() + " exists already")
                          .hint("name a file that does not exist, or remove that one"));
  if (!fs::is_directory(whole.parent_path(), error))
    return base::fail(
        Error(ErrorKind::not_found, "there is no directory " + whole.parent_path().string())
            .hint("make it, or name another file"));
  return whole;
}

Error with_next_step(Error error, const fs::path& file) {
  if (error.kind() == ErrorKind::exhausted)
    return std::move(error).hint("free some space, or name a file on another disk than " +
                                 file.parent_path().string());
  if (error.kind() == ErrorKind::permission)
    return std::move(error).hint(
        "name a file in a directory that you can write to, and be who "
        "the state directory belongs to");
  return error;
}

Result<BackupDone> write(const store::Paths& paths, store::DatabaseKeeper& database,
                         const fs::path& file, Manifest manifest, const std::stop_token& stop,
                         const Progress& progress) {
  PIPELINE_ASSIGN(const auto lock, store::take_keeping_lock(paths));
  PIPELINE_ASSIGN(PartFile part, PartFile::make(file));
  PIPELINE_ASSIGN(const ScratchDirectory scratch, private_scratch(file.parent_path()));
  PIPELINE_ASSIGN(PackedState state, PackedState::open(paths.root(), part.fd(), stop, progress));
  PIPELINE_ASSIGN(manifest.schema, add_names(state, paths, database, scratch));
  PIPELINE_TRY(add_named(state, paths));
  PIPELINE_TRY(state.finish(std::move(manifest)));
  PIPELINE_ASSIGN(const std::uint64_t size, part.become(file));
  return BackupDone{size, contents_of(state.files()), state.left_out()};
}

}  // namespace

Contents contents_of(const std::vector<FileRecord>& files) {
  std::set<std::string> runs;
  std::set<std::string> repositories;
  std::set<std::string> environments;
  Contents contents;
  // The first `parts` names of the path, if there are more.
  const auto head = [](const std::string& path, int parts) {
    std::size_t end = 0;
    for (; parts > 0; --parts) {
      end = path.find('/', end);
      if (end == std::string::npos) return std::string();
      ++end;
    }
    return path.substr(0, end);
  };
  for (const FileRecord& file : files) {
    if (file.path.starts_with("runs/")) runs.insert(head(file.path, 2));
    if (file.path.starts_with("repositories/")) repositories.insert(head(file.path, 2));
    if (file.path.starts_with("environments/")) environments.insert(head(file.path, 3));
    if (file.path.starts_with("artifacts/")) ++contents.artifacts;
  }
  for (auto* names : {&runs, &repositories, &environments}) names->erase("");
  contents.runs = runs.size();
  contents.repositories = repositories.size();
  contents.environments = environments.size();
  contents.files = files.size();
  return contents;
}

Result<BackupDone> back_up(const store::Paths& paths, store::DatabaseKeeper& database,
                           const fs::path& file, const std::string& program, base::TimePoint now,
                           const std::stop_token& stop, const Progress& progress) {
  Manifest manifest;
  manifest.program = program;
  manifest.created_at = now;
  std::error_code error;
  manifest.root = fs::weakly_canonical(paths.root(), error).string();
  PIPELINE_ASSIGN(const fs::path whole, free_name(file));
  auto done = write(paths, database, whole, std::move(manifest), stop, progress);
  if (done) return done;
  return base::fail(
      with_next_step(std::move(done).error().during("back up " + paths.root().string()), whole));
}

}  // namespace pipeline::keeping
