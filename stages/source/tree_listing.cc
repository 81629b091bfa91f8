#include "stages/source/tree_listing.h"

#include <strings.h>

#include "pipelines/base/text.h"
#include "stages/source/tree_path.h"

namespace pipeline::source {

namespace {

std::string joined(const std::string& directory, std::string_view name) {
  return directory.empty() ? std::string(name) : directory + "/" + std::string(name);
}

class Lister {
 public:
  Lister(git_repository& repository, std::vector<Source::TreeEntry>& out)
      : repository_(repository), out_(out) {}

  base::Result<> list(const git_oid& id, const std::string& directory, std::size_t depth) {
    if (depth > kMaxTreeDepth)
      return base::fail(base::ErrorKind::invalid, "the tree is nested too deeply: " + directory);
    int code = 0;
    auto tree = make<Tree>(code, git_tree_lookup, &repository_, &id);
    if (!tree) return base::fail(git_failure(code, "read tree " + hex_of(id)));
    for (std::size_t i = 0; i < git_tree_entrycount(tree.get()); ++i)
      PIPELINE_TRY(take(*git_tree_entry_byindex(tree.get(), i), directory, depth));
    return {};
  }

 private:
  base::Result<> take(const git_tree_entry& entry, const std::string& directory,
                      std::size_t depth) {
    const std::string_view name = git_tree_entry_name(&entry);
    if (!is_safe_name(name)) return base::fail(unsafe_name(directory, name));
    if (++seen_ > kMaxTreeEntries)
      return base::fail(base::ErrorKind::invalid, "the tree has too many files");
    const git_oid& id = *git_tree_entry_id(&entry);
    if (git_tree_entry_type(&entry) == GIT_OBJECT_TREE)
      return list(id, joined(directory, name), depth + 1);
    out_.push_back({joined(directory, name), hex_of(id), git_tree_entry_filemode(&entry)});
    return {};
  }

  git_repository& repository_;
  std::vector<Source::TreeEntry>& out_;
  std::size_t seen_ = 0;
};

}  // namespace

bool is_safe_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         !(name.size() == 4 && ::strncasecmp(name.data(), ".git", 4) == 0);
}

base::Error unsafe_name(std::string_view directory, std::string_view name) {
  return base::Error(base::ErrorKind::invalid,
                     "the tree holds an entry that git itself refuses: \"" + base::printable(name) +
                         "\" in \"" + base::printable(directory) + "\"")
      .hint("the repository is damaged or hostile; `git fsck` shows the object");
}

base::Result<std::vector<Source::TreeEntry>> list_tree(git_repository& repository,
                                                       const git_oid& tree,
                                                       const std::string& directory) {
  std::vector<Source::TreeEntry> entries;
  Lister lister(repository, entries);
  if (directory.empty()) {
    PIPELINE_TRY(lister.list(tree, "", 0));
    return entries;
  }
  int code = 0;
  auto root = make<Tree>(code, git_tree_lookup, &repository, &tree);
  if (!root) return base::fail(git_failure(code, "read tree " + hex_of(tree)));
  const auto found = follow(repository, *root, directory);
  if (!found && found.error().kind() == base::ErrorKind::not_found) return entries;
  if (!found) return base::fail(found.error());
  if (git_tree_entry_type(found->entry.get()) != GIT_OBJECT_TREE) return entries;
  PIPELINE_TRY(lister.list(*git_tree_entry_id(found->entry.get()), directory, 0));
  return entries;
}

base::Result<std::vector<std::string>> submodules_of(git_repository& repository,
                                                     const git_oid& tree) {
  std::vector<std::string> paths;
  int code = 0;
  auto root = make<Tree>(code, git_tree_lookup, &repository, &tree);
  if (!root) return base::fail(git_failure(code, "read tree " + hex_of(tree)));
  if (git_tree_entry_byname(root.get(), ".gitmodules") == nullptr) return paths;
  PIPELINE_ASSIGN(const auto files, list_tree(repository, tree, ""));
  for (const auto& file : files)
    if (file.mode == GIT_FILEMODE_COMMIT) paths.push_back(file.path);
  return paths;
}

}  // namespace pipeline::source
