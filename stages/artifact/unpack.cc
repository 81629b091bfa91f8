#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "pipelines/base/text.h"
#include "stages/artifact/archive_handle.h"
#include "stages/artifact/packer.h"
#include "stages/artifact/plain_path.h"
#include "stages/artifact/selection.h"
#include "stages/host/file.h"
#include "stages/host/open_beneath.h"

namespace pipeline::artifact {

using base::ErrorKind;

namespace {

// An archive of a few kilobytes can claim to hold anything.
constexpr std::uint64_t kMaxUnpackedBytes = std::uint64_t{256} << 30U;

tl::unexpected<base::Error> corrupt(const std::string& path, std::string_view why) {
  return base::fail(ErrorKind::corrupt,
                    "the archive holds \"" + base::printable(path) + "\", " + std::string(why));
}

// What the system refused: its own trouble, or an entry that collides with another one.
tl::unexpected<base::Error> refused(const std::string& path) {
  const int error = errno;
  switch (error) {
    case EEXIST:
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EXDEV:
    case ENAMETOOLONG:
      return corrupt(path, "which has no place of its own there");
    default:
      return base::fail(base::Error::from_errno(error, "unpack \"" + base::printable(path) + "\""));
  }
}

class Unpacker {
 public:
  Unpacker(int archive_fd, int root, Contents contents)
      : archive_fd_(archive_fd), root_(root), contents_(contents) {}

  base::Result<> unpack() {
    ::archive_read_support_format_tar(handle_.get());
    ::archive_read_support_filter_zstd(handle_.get());
    constexpr std::size_t kBlock = std::size_t{128} << 10U;
    if (::archive_read_open_fd(handle_.get(), archive_fd_, kBlock) != ARCHIVE_OK)
      return base::fail(archive_failure(*handle_, ErrorKind::corrupt, "open the archive"));
    while (true) {
      archive_entry* entry = nullptr;
      const int code = ::archive_read_next_header(handle_.get(), &entry);
      if (code == ARCHIVE_EOF) return {};
      if (code != ARCHIVE_OK)
        return base::fail(archive_failure(*handle_, ErrorKind::corrupt, "read the archive"));
      PIPELINE_TRY(put(*entry));
    }
  }

 private:
  base::Result<> put(archive_entry& entry) {
    const char* name = ::archive_entry_pathname(&entry);
    std::string path = name != nullptr ? name : "";
    if (path.ends_with('/')) path.pop_back();
    if (!is_plain(path)) return corrupt(path, "which is not a path below it");
    if (++entries_ > workspace::kMaxViewEntries) return corrupt(path, "one of too many files");
    if (::archive_entry_hardlink(&entry) != nullptr) return corrupt(path, "a hard link");
    switch (::archive_entry_filetype(&entry)) {
      case AE_IFDIR:
        return put_directory(path);
      case AE_IFLNK:
        return put_symlink(path, ::archive_entry_symlink(&entry));
      case AE_IFREG:
        return put_file(path, (::archive_entry_perm(&entry) & 0111U) != 0 ? 0755 : 0644);
      case AE_IFCHR:
        if (contents_ == Contents::layer && ::archive_entry_rdev(&entry) == 0)
          return put_whiteout(path);
        [[fallthrough]];
      default:
        return corrupt(path, "which is no file, directory or symlink");
    }
  }

  // The open directory that `path` lies in, reached through no symlink; empty when it is refused.
  host::UniqueFd parent_of(const std::string& path) const {
    const auto slash = path.rfind('/');
    return host::open_beneath(root_, slash == std::string::npos ? "" : path.substr(0, slash),
                              O_RDONLY | O_DIRECTORY);
  }
  static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  base::Result<> put_directory(const std::string& path) const {
    const host::UniqueFd parent = parent_of(path);
    if (!parent || ::mkdirat(parent.get(), name_of(path).c_str(), 0755) != 0) return refused(path);
    const host::UniqueFd made = host::open_beneath(parent.get(), name_of(path), O_RDONLY);
    if (!made || ::fchmod(made.get(), 0755) != 0) return refused(path);
    return {};
  }

  base::Result<> put_symlink(const std::string& path, const char* target) const {
    if (target == nullptr || (contents_ == Contents::artifact && !stays_inside(path, target)))
      return corrupt(path, "a symlink that leads out of it");
    const host::UniqueFd parent = parent_of(path);
    if (!parent || ::symlinkat(target, parent.get(), name_of(path).c_str()) != 0)
      return refused(path);
    return {};
  }

  base::Result<> put_whiteout(const std::string& path) const {
    const host::UniqueFd parent = parent_of(path);
    if (!parent || ::mknodat(parent.get(), name_of(path).c_str(), S_IFCHR, 0) != 0)
      return refused(path);
    return {};
  }

  base::Result<> put_file(const std::string& path, mode_t mode) {
    const host::UniqueFd to = host::open_beneath(root_, path, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (!to || ::fchmod(to.get(), mode) != 0) return refused(path);
    while (true) {
      const la_ssize_t n = ::archive_read_data(handle_.get(), block_.data(), block_.size());
      if (n == 0) return {};
      if (n < 0) return base::fail(archive_failure(*handle_, ErrorKind::corrupt, "unpack " + path));
      bytes_ += static_cast<std::uint64_t>(n);
      if (bytes_ > kMaxUnpackedBytes) return corrupt(path, "and too many bytes");
      PIPELINE_TRY(host::write_all(
          to.get(), std::string_view(block_).substr(0, static_cast<std::size_t>(n))));
    }
  }

  int archive_fd_;
  int root_;
  Contents contents_;
  ArchiveHandle handle_{::archive_read_new()};
  std::string block_ = std::string(std::size_t{256} << 10U, '\0');
  std::size_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

base::Result<> unpack(int archive_fd, int directory_fd, Contents contents) {
  return Unpacker(archive_fd, directory_fd, contents).unpack();
}

}  // namespace pipeline::artifact
