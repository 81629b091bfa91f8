#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "stages/host/file.h"
#include "stages/sandbox/helper/mounts.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::Result;

namespace {

tl::unexpected<Error> failed(const std::string& attempt) {
  return base::fail(Error::from_errno(errno, attempt));
}

}  // namespace

Result<> mount_new(const char* type, const std::string& target, unsigned long flags,
                   const std::string& options) {
  if (::mount(type, target.c_str(), type, flags, options.c_str()) != 0) {
    return failed("mount " + std::string(type) + " at " + target);
  }
  return {};
}

Result<host::UniqueFd> clone_tree(int directory, const std::string& path, Access access) {
  host::UniqueFd tree(::open_tree(
      directory, path.c_str(),
      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | (path.empty() ? AT_EMPTY_PATH : 0)));
  if (!tree) return failed("copy the mount of " + path);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID;
  if (access == Access::read_only) attributes.attr_set |= MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
  if (::mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                      sizeof attributes) != 0) {
    return failed("restrict the mount of " + path);
  }
  return tree;
}

Result<> attach(int tree, const std::string& target) {
  if (::move_mount(tree, "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return failed("mount " + target);
  }
  return {};
}

Result<> make_directory(const std::string& path, unsigned mode) {
  // The mode by chmod, which the umask does not touch.
  if (::mkdir(path.c_str(), 0755) != 0 || (mode != 0755 && ::chmod(path.c_str(), mode) != 0)) {
    return failed("make " + path);
  }
  return {};
}

Result<> make_directories(const std::string& path) {
  for (std::size_t end = path.find('/', 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    if (::mkdir(path.substr(0, end).c_str(), 0755) != 0 && errno != EEXIST) {
      return failed("make " + path.substr(0, end));
    }
  }
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return failed("make " + path);
  return {};
}

Result<> make_file(const std::string& path, const std::string& text) {
  PIPELINE_ASSIGN(const auto file,
                  host::open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644));
  return host::write_all(file.get(), text);
}

Result<> make_link(const std::string& target, const std::string& path) {
  if (::symlink(target.c_str(), path.c_str()) != 0) return failed("make the link " + path);
  return {};
}

}  // namespace pipeline::sandbox::helper
