#include "stages/source/mirror.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <vector>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/seal.h"
#include "stages/source/left_locks.h"
#include "stages/source/location.h"

namespace pipeline::source {

namespace fs = std::filesystem;

namespace {

constexpr const char* kHeld = "1";

base::Result<> make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return base::fail(base::Error::from_errno(error.value(), "make " + path.string()));
  return {};
}

// Whether the file is one whole zlib stream, whose own checksum tells damage. Not asked of libgit2:
// it reads a loose object that was cut off for ever.
bool is_whole(const fs::path& file) {
  const auto fd = host::open_file(file, O_RDONLY);
  z_stream stream{};
  if (!fd || ::inflateInit(&stream) != Z_OK) return false;
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, &::inflateEnd);
  std::vector<Bytef> packed(std::size_t{64} << 10U);
  std::vector<Bytef> content(packed.size());
  int state = Z_OK;
  while (state == Z_OK) {
    const ssize_t got = ::read(fd->get(), packed.data(), packed.size());
    if (got <= 0) return false;
    stream.next_in = packed.data();
    stream.avail_in = static_cast<uInt>(got);
    while (state == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)) {
      stream.next_out = content.data();
      stream.avail_out = static_cast<uInt>(content.size());
      state = ::inflate(&stream, Z_NO_FLUSH);
    }
    if (state == Z_BUF_ERROR) state = Z_OK;  // all of it was taken: there has to be more
  }
  return state == Z_STREAM_END;
}

// Of the two-letter directories only: what a repository borrows from is not ours.
void remove_damaged_in(const fs::path& objects) {
  std::error_code error;
  for (const auto& folder : fs::directory_iterator(objects, error)) {
    for (const auto& file : fs::directory_iterator(folder, error)) {
      const std::string name = folder.path().filename().string() + file.path().filename().string();
      if (parse_id(name) && !is_whole(file)) fs::remove(file, error);
    }
  }
}

}  // namespace

Mirror::Mirror(const fs::path& mirrors, const std::string& key)
    : directory_(mirrors / mirror_name(key)) {}

base::Result<> Mirror::borrow_from(const fs::path& borrowed) const {
  const fs::path alternates = objects() / "info" / "alternates";
  const std::string line = borrowed.string() + "\n";
  if (host::read_file(alternates).value_or("") == line) return {};
  PIPELINE_TRY(make_directories(objects() / "info"));
  PIPELINE_TRY(make_directories(objects() / "pack"));
  return host::write_file(alternates, line, host::Durability::cached);
}

base::Result<> Mirror::remove_damaged() const {
  constexpr std::string_view kWhole = "whole";
  const fs::path note = directory_ / "loose.seal";
  if (host::Seal::holds(note, kWhole)) return {};
  PIPELINE_ASSIGN(const host::Seal seal, host::Seal::lock(note));
  if (seal.holds(kWhole)) return {};
  remove_damaged_in(objects());
  return seal.put(kWhole);
}

MirrorLock::~MirrorLock() {
  if (fd_ && ::ftruncate(fd_.get(), 0) != 0) return;  // then the next holder has a look in vain
}

base::Result<MirrorLock> Mirror::lock() const {
  PIPELINE_TRY(make_directories(directory_.parent_path()));
  const std::string path = lock_file();
  PIPELINE_ASSIGN(host::UniqueFd fd, host::open_file(path, O_RDWR | O_CREAT, 0600));
  while (::flock(fd.get(), LOCK_EX) != 0)
    if (errno != EINTR) return base::fail(base::Error::from_errno(errno, "lock " + path));
  struct stat status {};
  const bool was_left = ::fstat(fd.get(), &status) == 0 && status.st_size > 0;
  if (was_left) remove_left_locks(directory_, std::chrono::seconds(0));
  if (::pwrite(fd.get(), kHeld, 1, 0) != 1)
    return base::fail(base::Error::from_errno(errno, "mark " + path));
  return MirrorLock(std::move(fd));
}

void Mirror::mark_used() const {
  host::touch(lock_file());
}

std::optional<base::TimePoint> Mirror::used_at() const {
  return host::touched(lock_file());
}

base::Error Mirror::explain(base::Error error) const {
  if (!is_missing_object(error)) return error;
  const auto lender = host::read_file(objects() / "info" / "alternates");
  if (!lender) {
    const std::string where = directory_.string();
    return base::Error(base::ErrorKind::corrupt, where + " has lost objects")
        .hint("remove it, and it is fetched again: rm -r " + where);
  }
  const fs::path borrowed = base::trim(*lender);
  std::error_code failed;
  const std::string why = fs::exists(borrowed, failed)
                              ? " has pruned objects of this run (git gc)"
                              : " is not there any more, and this run's files were read from it";
  return base::Error(base::ErrorKind::not_found, borrowed.parent_path().string() + why)
      .hint("`pipeline run` makes a new run of what is there now");
}

base::Result<Repository> Mirror::open_objects() const {
  ensure_git_ready();
  int code = 0;
  auto store = make<ObjectStore>(code, git_odb_open, objects().c_str());
  if (!store) return base::fail(git_failure(code, "open the mirror " + directory_.string()));
  auto repository = make<Repository>(code, git_repository_wrap_odb, store.get());
  if (!repository) return base::fail(git_failure(code, "open the mirror " + directory_.string()));
  return repository;
}

}  // namespace pipeline::source
