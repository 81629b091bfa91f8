#include "stages/source/tree_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "stages/host/remove.h"
#include "stages/source/tree_listing.h"

namespace pipeline::source {

namespace {

bool is_directory(const git_tree_entry& entry) {
  return git_tree_entry_type(&entry) != GIT_OBJECT_BLOB;
}

bool same(const git_tree_entry* a, const git_tree_entry* b) {
  return a != nullptr && b != nullptr &&
         git_oid_equal(git_tree_entry_id(a), git_tree_entry_id(b)) != 0 &&
         git_tree_entry_filemode(a) == git_tree_entry_filemode(b);
}

// Modes do not depend on our umask, nor owners on who we are: overlayfs copies up only what the job
// user owns. (Not host::ActAs: reading the objects needs our own rights.)
bool belongs_to_job(int fd, mode_t mode) {
  static const bool root = ::geteuid() == 0;
  static const host::FileOwner user = host::job_user();
  return ::fchmod(fd, mode) == 0 && (!root || ::fchown(fd, user.uid, user.gid) == 0);
}

class Writer {
 public:
  Writer(git_repository& repository, bool linking) : repository_(repository), linking_(linking) {}

  // `old_fd` is where files may be linked from, -1 when nowhere; `old` describes `fd` itself when
  // not linking.
  base::Result<> sync(const git_oid* old, const git_oid& wanted, int old_fd, int fd,
                      std::size_t depth) {
    if (depth > kMaxTreeDepth)
      return base::fail(base::ErrorKind::invalid, "the tree is nested too deeply");
    Tree before;
    if (old != nullptr) {
      PIPELINE_ASSIGN(before, read(*old));
    }
    PIPELINE_ASSIGN(const Tree after, read(wanted));
    if (before && !linking_) PIPELINE_TRY(remove_gone(*before, *after, fd));
    for (std::size_t i = 0; i < git_tree_entrycount(after.get()); ++i) {
      const git_tree_entry& entry = *git_tree_entry_byindex(after.get(), i);
      const git_tree_entry* was =
          before ? git_tree_entry_byname(before.get(), git_tree_entry_name(&entry)) : nullptr;
      PIPELINE_TRY(put(entry, was, old_fd, fd, depth));
    }
    return {};
  }

 private:
  base::Result<Tree> read(const git_oid& id) const {
    int code = 0;
    auto tree = make<Tree>(code, git_tree_lookup, &repository_, &id);
    if (!tree) return base::fail(git_failure(code, "read tree " + hex_of(id)));
    return tree;
  }

  // Everything that is not wanted any more, or that changes between file and directory.
  static base::Result<> remove_gone(const git_tree& before, const git_tree& after, int fd) {
    for (std::size_t i = 0; i < git_tree_entrycount(&before); ++i) {
      const git_tree_entry& entry = *git_tree_entry_byindex(&before, i);
      const char* name = git_tree_entry_name(&entry);
      const git_tree_entry* now = git_tree_entry_byname(&after, name);
      if (now != nullptr && is_directory(*now) == is_directory(entry)) continue;
      PIPELINE_TRY(host::remove_at(fd, name));
    }
    return {};
  }

  base::Result<> put(const git_tree_entry& entry, const git_tree_entry* was, int old_fd, int fd,
                     std::size_t depth) {
    const char* name = git_tree_entry_name(&entry);
    if (!is_safe_name(name)) return base::fail(unsafe_name("", name));
    if (++seen_ > kMaxTreeEntries)
      return base::fail(base::ErrorKind::invalid, "the tree has too many files");
    if (!linking_ && same(&entry, was)) return {};
    if (is_directory(entry)) return put_directory(entry, was, old_fd, fd, depth);
    if (linking_ && same(&entry, was) && ::linkat(old_fd, name, fd, name, 0) == 0) return {};
    if (was != nullptr && !linking_ && !is_directory(*was) && ::unlinkat(fd, name, 0) != 0)
      return failed("replace", name);
    return put_blob(entry, fd);
  }

  base::Result<> put_directory(const git_tree_entry& entry, const git_tree_entry* was, int old_fd,
                               int fd, std::size_t depth) {
    const char* name = git_tree_entry_name(&entry);
    if (::mkdirat(fd, name, 0755) != 0 && errno != EEXIST) return failed("make", name);
    const bool was_tree = was != nullptr && git_tree_entry_type(was) == GIT_OBJECT_TREE;
    const bool gitlink = git_tree_entry_type(&entry) != GIT_OBJECT_TREE;
    if (gitlink && was_tree && !linking_) PIPELINE_TRY(empty(fd, name));
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const host::UniqueFd child(::openat(fd, name, kFlags));
    if (!child || !belongs_to_job(child.get(), 0755)) return failed("open", name);
    if (gitlink) return {};  // its place, with nothing in it
    host::UniqueFd old_child;
    if (linking_ && was_tree) old_child.reset(::openat(old_fd, name, kFlags));
    const bool comparable = was_tree && (!linking_ || old_child);
    return sync(comparable ? git_tree_entry_id(was) : nullptr, *git_tree_entry_id(&entry),
                old_child.get(), child.get(), depth + 1);
  }

  static base::Result<> empty(int fd, const char* name) {
    PIPELINE_TRY(host::remove_at(fd, name));
    if (::mkdirat(fd, name, 0755) != 0) return failed("make", name);
    return {};
  }

  base::Result<> put_blob(const git_tree_entry& entry, int fd) const {
    const char* name = git_tree_entry_name(&entry);
    int code = 0;
    const auto blob = make<Blob>(code, git_blob_lookup, &repository_, git_tree_entry_id(&entry));
    if (!blob) return base::fail(git_failure(code, std::string("read ") + name));
    const std::string_view bytes(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                                 static_cast<std::size_t>(git_blob_rawsize(blob.get())));
    const git_filemode_t mode = git_tree_entry_filemode(&entry);
    if (mode == GIT_FILEMODE_LINK) {
      return put_symlink(std::string(bytes), fd, name);
    }
    const mode_t bits = mode == GIT_FILEMODE_BLOB_EXECUTABLE ? 0755 : 0644;
    const host::UniqueFd file(
        ::openat(fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, bits));
    if (!file || !belongs_to_job(file.get(), bits)) return failed("make", name);
    return host::write_all(file.get(), bytes);
  }

  static base::Result<> put_symlink(const std::string& target, int fd, const char* name) {
    const host::FileOwner user = host::job_user();
    if (::symlinkat(target.c_str(), fd, name) != 0 ||
        ::fchownat(fd, name, user.uid, user.gid, AT_SYMLINK_NOFOLLOW) != 0)
      return failed("link", name);
    return {};
  }

  static tl::unexpected<base::Error> failed(std::string_view verb, std::string_view name) {
    const int error = errno;
    return base::fail(base::Error::from_errno(
        error, std::string(verb) + " \"" + base::printable(name) + "\" of the work tree"));
  }

  git_repository& repository_;
  bool linking_;
  std::size_t seen_ = 0;
};

}  // namespace

base::Result<> write_tree(git_repository& repository, const git_oid& tree,
                          const std::optional<TreeBase>& base, int directory_fd) {
  const int link_from = base ? base->link_from : -1;
  Writer writer(repository, link_from >= 0);
  return writer.sync(base ? &base->tree : nullptr, tree, link_from, directory_fd, 0);
}

}  // namespace pipeline::source
