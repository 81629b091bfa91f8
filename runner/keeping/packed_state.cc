#include "runner/keeping/packed_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runner/keeping/names_in.h"
#include "stages/artifact/selection.h"
#include "stages/host/file.h"
#include "stages/host/hash.h"
#include "stages/host/open_beneath.h"

namespace pipeline::keeping {

namespace fs = std::filesystem;
using artifact::BundleEntry;
using artifact::BundleKind;
using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

// Files up to here are read before their size is told: they may be written anew meanwhile.
constexpr std::uint64_t kSmall = std::uint64_t{1} << 20U;
constexpr std::size_t kBlock = std::size_t{256} << 10U;
constexpr mode_t kPermissions = 07777;

// As many bytes as asked for, or fewer at the end of the file.
Result<std::string> read_up_to(int fd, std::size_t most) {
  std::string bytes(most, '\0');
  std::size_t size = 0;
  while (size < most) {
    const ssize_t n = ::read(fd, bytes.data() + size, most - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(Error::from_errno(errno, "read"));
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

Result<PackedState> PackedState::open(const fs::path& root, int fd, std::stop_token stop,
                                      Progress progress) {
  PIPELINE_ASSIGN(host::UniqueFd root_fd, host::open_file(root, O_RDONLY | O_DIRECTORY));
  PIPELINE_ASSIGN(auto writer, artifact::BundleWriter::open(fd));
  return PackedState(root, std::move(root_fd), std::move(writer), std::move(stop),
                     std::move(progress));
}

Result<> PackedState::go_on() const {
  if (stop_.stop_requested()) return base::fail(ErrorKind::cancelled, "interrupted");
  return {};
}

Result<> PackedState::add(const std::string& path, const Wanted& wanted) {
  PIPELINE_TRY(go_on());
  if (wanted && !wanted(path)) return {};
  struct stat status {};
  if (::fstatat(root_fd_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return base::fail(Error::from_errno(errno, "look at " + (root_ / path).string()));
  }
  if (S_ISDIR(status.st_mode)) return add_directory(path, status.st_mode, status.st_uid, wanted);
  if (S_ISLNK(status.st_mode)) return add_symlink(path);
  if (!S_ISREG(status.st_mode) || packed_.contains(path)) return {};
  PIPELINE_TRY(add_parents(path));
  const host::UniqueFd fd =
      host::open_beneath(root_fd_.get(), path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (!fd) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return base::fail(Error::from_errno(errno, "open " + (root_ / path).string()));
  }
  return put_file(path, fd.get());
}

// Those that are not in it yet: a file may be wanted before what else is in its directory.
Result<> PackedState::add_parents(const std::string& path) {
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    struct stat status {};
    if (packed_.contains(parent)) continue;
    if (::fstatat(root_fd_.get(), parent.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      return base::fail(Error::from_errno(errno, "look at " + (root_ / parent).string()));
    packed_.insert(parent);
    PIPELINE_TRY(writer_.begin(
        {parent, BundleKind::directory, status.st_mode & kPermissions, status.st_uid}));
  }
  return {};
}

Result<> PackedState::add_directory(const std::string& path, mode_t mode, uid_t owner,
                                    const Wanted& wanted) {
  if (packed_.insert(path).second) {
    PIPELINE_TRY(writer_.begin({path, BundleKind::directory, mode & kPermissions, owner}));
  }
  PIPELINE_ASSIGN(const auto names, names_in(root_ / path));
  const std::string below = path + "/";
  for (const std::string& name : names) PIPELINE_TRY(add(below + name, wanted));
  return {};
}

Result<> PackedState::add_symlink(const std::string& path) {
  if (packed_.contains(path)) return {};
  std::error_code error;
  const std::string target = fs::read_symlink(root_ / path, error).string();
  if (error) return {};
  if (!artifact::stays_inside(path, target)) {
    left_out_.push_back(path);
    return {};
  }
  packed_.insert(path);
  return writer_.begin({path, BundleKind::symlink, 0777, 0, 0, target});
}

Result<> PackedState::add_file(const std::string& path, const fs::path& file) {
  PIPELINE_ASSIGN(const host::UniqueFd fd, host::open_file(file, O_RDONLY));
  return put_file(path, fd.get());
}

Result<> PackedState::put_file(const std::string& path, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return base::fail(Error::from_errno(errno, "look at " + path));
  BundleEntry entry{path, BundleKind::file, status.st_mode & kPermissions, status.st_uid,
                    static_cast<std::uint64_t>(status.st_size)};
  if (progress_) progress_(bytes_, path);
  packed_.insert(path);
  if (entry.size > kSmall) return put_stream(entry, fd);
  auto bytes = read_up_to(fd, entry.size);
  if (!bytes) return base::during(std::move(bytes), "pack " + path);
  return put_bytes(std::move(entry), *bytes);
}

Result<> PackedState::put_bytes(BundleEntry entry, const std::string& bytes) {
  entry.size = bytes.size();
  PIPELINE_TRY(writer_.begin(entry));
  PIPELINE_TRY(writer_.write(bytes));
  bytes_ += bytes.size();
  files_.push_back({entry.path, entry.size, host::sha256(bytes)});
  return {};
}

Result<> PackedState::put_stream(const BundleEntry& entry, int fd) {
  PIPELINE_TRY(writer_.begin(entry));
  host::Sha256 hash;
  for (std::uint64_t left = entry.size; left > 0;) {
    PIPELINE_TRY(go_on());
    PIPELINE_ASSIGN(
        const std::string block,
        read_up_to(fd, static_cast<std::size_t>(std::min<std::uint64_t>(left, kBlock))));
    if (block.empty())
      return base::fail(Error(ErrorKind::conflict, entry.path + " was cut while it was packed")
                            .hint("take the backup again"));
    hash.update(block);
    PIPELINE_TRY(writer_.write(block));
    left -= block.size();
    bytes_ += block.size();
    if (progress_) progress_(bytes_, entry.path);
  }
  files_.push_back({entry.path, entry.size, hash.finish()});
  return {};
}

Result<> PackedState::finish(Manifest manifest) {
  manifest.files = files_;
  const std::string text = to_json(manifest);
  PIPELINE_TRY(writer_.begin({kManifest, BundleKind::file, 0600, 0, text.size()}));
  PIPELINE_TRY(writer_.write(text));
  return writer_.finish();
}

}  // namespace pipeline::keeping
