#include "stages/source/mirror.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "stages/host/file.h"
#include "stages/source/location.h"

namespace pipeline::source {

namespace fs = std::filesystem;

namespace {

base::Result<> make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return base::fail(base::Error::from_errno(error.value(), "make " + path.string()));
  return {};
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

base::Result<host::UniqueFd> Mirror::lock() const {
  PIPELINE_TRY(make_directories(directory_.parent_path()));
  const std::string path = directory_.string() + ".lock";
  PIPELINE_ASSIGN(host::UniqueFd fd, host::open_file(path, O_RDWR | O_CREAT, 0600));
  while (::flock(fd.get(), LOCK_EX) != 0)
    if (errno != EINTR) return base::fail(base::Error::from_errno(errno, "lock " + path));
  return fd;
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
