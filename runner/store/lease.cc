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

// The lock, with our pid in the file; ErrorKind::conflict, without a hint, when it is held.
Result<host::UniqueFd> lock(const std::filesystem::path& path, const std::string& what,
                            const std::string& held) {
  PIPELINE_ASSIGN(host::UniqueFd file, host::open_file(path, O_RDWR | O_CREAT, 0644));
  struct flock lock = whole_file();
  if (::fcntl(file.get(), F_OFD_SETLK, &lock) != 0) {
    if (errno != EAGAIN && errno != EACCES) return base::fail(base::Error::from_errno(errno, what));
    return base::fail(base::Error(ErrorKind::conflict, held).during(what));
  }
  // Only a help for whoever looks for the holder; the lock is what counts.
  if (::ftruncate(file.get(), 0) == 0) {
    auto written = host::write_all(file.get(), std::to_string(::getpid()) + "\n");
    if (!written) return base::during(std::move(written), "keep " + path.string());
  }
  return file;
}

// Never takes the lock, so it cannot disturb a taker.
std::optional<int> holder(const std::filesystem::path& path) {
  const auto file = host::open_file(path, O_RDONLY);
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

}  // namespace

Result<std::unique_ptr<RunLease>> take_lease(const Paths& paths, run::RunId id) {
  std::error_code error;
  std::filesystem::create_directories(paths.run(id), error);
  auto file = lock(lease_file(paths, id), "take over run " + std::to_string(id),
                   "another process drives it");
  if (!file && file.error().kind() == ErrorKind::conflict)
    return base::fail(std::move(file).error().hint("wait for it to end, or: pipeline cancel " +
                                                   std::to_string(id)));
  if (!file) return base::fail(file.error());
  return std::make_unique<FileLease>(*std::move(file));
}

Result<std::unique_ptr<RunLease>> take_server_lock(const Paths& paths) {
  auto file = lock(paths.server_lock(), "serve " + paths.root().string(), "another server does");
  if (!file && file.error().kind() == ErrorKind::conflict)
    return base::fail(std::move(file).error().hint("one server a directory: --data names it"));
  if (!file) return base::fail(file.error());
  return std::make_unique<FileLease>(*std::move(file));
}

Result<std::unique_ptr<RunLease>> take_keeping_lock(const Paths& paths) {
  auto file = lock(paths.keeping_lock(), "keep others from " + paths.root().string(),
                   "a backup or a gc of it is under way");
  if (!file && file.error().kind() == ErrorKind::conflict)
    return base::fail(std::move(file).error().hint("wait for it to end"));
  if (!file) return base::fail(file.error());
  return std::make_unique<FileLease>(*std::move(file));
}

std::optional<int> server_of(const Paths& paths) {
  return holder(paths.server_lock());
}

std::optional<int> lease_holder(const Paths& paths, run::RunId id) {
  return holder(lease_file(paths, id));
}

}  // namespace pipeline::store
