#include "runner/store/lease.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>

#include "stages/host/file.h"
#include "stages/host/unique_fd.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

class FileLease final : public RunLease {
 public:
  explicit FileLease(host::UniqueFd file) : file_(std::move(file)) {}

 private:
  host::UniqueFd file_;  // the lock lives as long as the open file description
};

std::filesystem::path lease_file(const Paths& paths, run::RunId id) {
  return paths.run(id) / "lease";
}

}  // namespace

Result<std::unique_ptr<RunLease>> take_lease(const Paths& paths, run::RunId id) {
  std::error_code error;
  std::filesystem::create_directories(paths.run(id), error);
  PIPELINE_ASSIGN(host::UniqueFd file,
                  host::open_file(lease_file(paths, id), O_RDWR | O_CREAT, 0644));
  struct flock lock = whole_file();
  if (::fcntl(file.get(), F_OFD_SETLK, &lock) != 0) {
    const std::string what = "take over run " + std::to_string(id);
    if (errno != EAGAIN && errno != EACCES) return base::fail(base::Error::from_errno(errno, what));
    return base::fail(base::Error(ErrorKind::conflict, "another process drives it")
                          .during(what)
                          .hint("wait for it to end, or: pipeline cancel " + std::to_string(id)));
  }
  // Only a help for `pipeline cancel`; the lock is what counts.
  if (::ftruncate(file.get(), 0) == 0) {
    auto written = host::write_all(file.get(), std::to_string(::getpid()) + "\n");
    if (!written) {
      return base::during(std::move(written), "keep " + lease_file(paths, id).string());
    }
  }
  return std::make_unique<FileLease>(std::move(file));
}

std::optional<int> lease_holder(const Paths& paths, run::RunId id) {
  const auto file = host::open_file(lease_file(paths, id), O_RDONLY);
  if (!file) return std::nullopt;
  struct flock lock = whole_file();
  // A read-only descriptor may ask about a write lock only through the kind that it could take.
  lock.l_type = F_RDLCK;
  if (::fcntl(file->get(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
  const auto text = host::read_all(file->get());
  int pid = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), pid);
  return pid;
}

}  // namespace pipeline::store
