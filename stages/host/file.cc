#include "stages/host/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace pipeline::host {

using base::Error;
using base::ErrorKind;
using base::Result;

Result<UniqueFd> open_file(const std::filesystem::path& path, int flags, mode_t mode) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return base::fail(Error::from_errno(errno, "open " + path.string()));
  return UniqueFd(fd);
}

Result<std::string> read_all(int fd, std::size_t limit) {
  constexpr std::size_t kStep = 4096;
  std::string bytes;
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
    bytes.reserve(std::min(static_cast<std::size_t>(status.st_size) + 1, limit));
  }
  for (;;) {
    const std::size_t have = bytes.size();
    bytes.resize(std::max(bytes.capacity(), have + std::max(kStep, have)));
    const ssize_t got = ::read(fd, bytes.data() + have, bytes.size() - have);
    bytes.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::fail(Error::from_errno(errno, "read"));
    if (got == 0) return bytes;
    if (bytes.size() > limit) {
      return base::fail(ErrorKind::exhausted, "larger than " + std::to_string(limit) + " bytes");
    }
  }
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  PIPELINE_ASSIGN(const UniqueFd fd, open_file(path, O_RDONLY));
  auto bytes = read_all(fd.get(), limit);
  if (!bytes) return base::during(std::move(bytes), "read " + path.string());
  return bytes;
}

Result<> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return base::fail(Error::from_errno(errno, "write"));
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

namespace {

Result<> fill_and_rename(int fd, const std::string& temporary, const std::filesystem::path& path,
                         std::string_view bytes, Durability durability, mode_t mode) {
  PIPELINE_TRY(write_all(fd, bytes));
  if (::fchmod(fd, mode) != 0) return base::fail(Error::from_errno(errno, "set the mode"));
  if (durability == Durability::synced && ::fsync(fd) != 0) {
    return base::fail(Error::from_errno(errno, "sync"));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return base::fail(Error::from_errno(errno, "rename"));
  }
  return {};
}

}  // namespace

Result<> write_file(const std::filesystem::path& path, std::string_view bytes,
                    Durability durability, mode_t mode) {
  const std::string attempt = "write " + path.string();
  std::string temporary = path.string() + ".XXXXXX";
  const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return base::fail(Error::from_errno(errno, attempt));
  if (auto done = fill_and_rename(fd.get(), temporary, path, bytes, durability, mode); !done) {
    ::unlink(temporary.c_str());
    return base::during(std::move(done), attempt);
  }
  if (durability == Durability::synced) {
    // The rename itself is durable only when the directory is.
    const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    PIPELINE_ASSIGN(const UniqueFd directory, open_file(parent, O_RDONLY | O_DIRECTORY));
    if (::fsync(directory.get()) != 0) return base::fail(Error::from_errno(errno, attempt));
  }
  return {};
}

bool touch(const std::filesystem::path& path) {
  return ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0;
}

std::optional<base::TimePoint> touched(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return base::TimePoint(std::chrono::seconds(status.st_mtim.tv_sec) +
                         std::chrono::microseconds(status.st_mtim.tv_nsec / 1000));
}

}  // namespace pipeline::host
