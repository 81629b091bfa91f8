#include "stages/source/tree_path.h"

#include <deque>
#include <vector>

#include "pipelines/base/text.h"

namespace pipeline::source {

namespace {

// As many as the kernel follows.
constexpr int kMaxLinks = 40;

class Follower {
 public:
  Follower(git_repository& repository, const git_tree& tree, const std::string& path)
      : repository_(repository), tree_(tree), path_(path) {
    push(path);
  }

  base::Result<TreePath> follow() {
    while (!ahead_.empty()) {
      const std::string name = std::move(ahead_.front());
      ahead_.pop_front();
      if (name.empty() || name == ".") continue;
      if (name == "..") {
        if (behind_.empty()) return base::fail(leads_out());
        behind_.pop_back();
        continue;
      }
      behind_.push_back(name);
      PIPELINE_ASSIGN(const TreeEntryHandle entry, look_up());
      if (git_tree_entry_filemode(entry.get()) == GIT_FILEMODE_LINK) PIPELINE_TRY(turn(*entry));
    }
    PIPELINE_ASSIGN(TreeEntryHandle entry, look_up());
    return TreePath{base::join(behind_, "/"), std::move(entry)};
  }

 private:
  base::Result<TreeEntryHandle> look_up() const {
    int code = 0;
    const std::string path = base::join(behind_, "/");
    auto entry = make<TreeEntryHandle>(code, git_tree_entry_bypath, &tree_, path.c_str());
    if (!entry) return base::fail(base::ErrorKind::not_found, "there is no file " + path_);
    return entry;
  }

  void push(std::string_view path) {
    auto names = base::split(path, '/');
    ahead_.insert(ahead_.begin(), names.begin(), names.end());
  }

  base::Result<> turn(const git_tree_entry& link) {
    if (++links_ > kMaxLinks)
      return base::fail(base::ErrorKind::invalid, path_ + " is a symlink that leads to itself");
    int code = 0;
    const auto blob = make<Blob>(code, git_blob_lookup, &repository_, git_tree_entry_id(&link));
    if (!blob) return base::fail(git_failure(code, "read " + path_));
    const std::string target(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                             static_cast<std::size_t>(git_blob_rawsize(blob.get())));
    if (target.starts_with('/')) return base::fail(leads_out());
    behind_.pop_back();
    push(target);
    return {};
  }

  base::Error leads_out() const {
    return base::Error(base::ErrorKind::invalid,
                       path_ + " is a symlink that leads out of the repository")
        .hint("commit the file itself, or link to one in the repository");
  }

  git_repository& repository_;
  const git_tree& tree_;
  const std::string& path_;
  std::deque<std::string> ahead_;
  std::vector<std::string> behind_;
  int links_ = 0;
};

}  // namespace

base::Result<TreePath> follow(git_repository& repository, const git_tree& tree,
                              const std::string& path) {
  return Follower(repository, tree, path).follow();
}

}  // namespace pipeline::source
