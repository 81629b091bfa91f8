#include "stages/source/git_source.h"

#include "pipelines/base/size.h"
#include "stages/host/file.h"
#include "stages/source/fetch.h"
#include "stages/source/location.h"
#include "stages/source/mirror.h"
#include "stages/source/resolve.h"
#include "stages/source/snapshot.h"
#include "stages/source/tree_listing.h"
#include "stages/source/tree_path.h"
#include "stages/source/user_repository.h"
#include "stages/source/work_tree_store.h"

namespace pipeline::source {

namespace fs = std::filesystem;

namespace {

class GitSource final : public Source {
 public:
  GitSource(fs::path mirrors, const fs::path& trees)
      : mirrors_(std::move(mirrors)), work_trees_(trees, mirrors_) {}

  base::Result<Revision> snapshot(const fs::path& directory) override {
    return take_snapshot(directory, mirrors_);
  }

  base::Result<Revision> fetch(const std::string& location, const std::string& ref,
                               const FetchObserver& observer) override {
    PIPELINE_ASSIGN(const Location where, parse_location(location));
    if (const auto* local = std::get_if<LocalLocation>(&where)) return resolve_local(*local, ref);
    const auto& remote = std::get<RemoteLocation>(where);
    return fetch_remote(Mirror(mirrors_, remote.key), remote, ref, observer);
  }

  base::Result<std::string> read_file(const Revision& revision, const std::string& path) override;
  base::Result<std::vector<TreeEntry>> list_files(const Revision& revision,
                                                  const std::string& directory) override;

  base::Result<WorkTree> work_tree(const std::string& repository,
                                   const std::string& tree) override {
    return work_trees_.acquire(repository, tree);
  }

  base::Result<std::vector<std::string>> changed_paths(const std::string& repository,
                                                       const std::string& from,
                                                       const std::string& to) override;
  base::Result<std::vector<std::string>> brought_by(const std::string& repository,
                                                    const std::string& onto,
                                                    const std::string& head) override;

 private:
  // Nothing to fetch: a repository of this machine is read where it is.
  base::Result<Revision> resolve_local(const LocalLocation& local, const std::string& ref) const {
    PIPELINE_ASSIGN(const Repository repository, open_user_repository(local.path));
    Revision revision;
    revision.repository = repository_key(*repository);
    PIPELINE_TRY(resolve(*repository, ref, revision));
    PIPELINE_TRY(Mirror(mirrors_, revision.repository).borrow_from(objects_directory(*repository)));
    return revision;
  }

  const fs::path mirrors_;
  WorkTreeStore work_trees_;
};

base::Result<Tree> open_tree(git_repository& objects, const std::string& id) {
  PIPELINE_ASSIGN(const git_oid oid, parse_id(id));
  int code = 0;
  auto tree = make<Tree>(code, git_tree_lookup, &objects, &oid);
  if (!tree) return base::fail(git_failure(code, "read tree " + id));
  return tree;
}

// A blob can be of any size, and one of a few kilobytes in a pack can unfold to gigabytes: its
// header is asked before it is loaded.
base::Result<> check_size(git_repository& objects, const git_oid& id, const std::string& path) {
  int code = 0;
  const auto store = make<ObjectStore>(code, git_repository_odb, &objects);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (store) code = git_odb_read_header(&size, &type, store.get(), &id);
  if (code < 0) return base::fail(git_failure(code, "read " + path));
  if (size <= host::kReadLimit) return {};
  return base::fail(base::Error(base::ErrorKind::exhausted,
                                path + " is larger than " + base::format_size(host::kReadLimit))
                        .hint("is it the right file?"));
}

base::Result<std::string> read_blob(git_repository& objects, const std::string& tree_id,
                                    const std::string& path) {
  PIPELINE_ASSIGN(const Tree tree, open_tree(objects, tree_id));
  PIPELINE_ASSIGN(const TreePath found, follow(objects, *tree, path));
  if (git_tree_entry_type(found.entry.get()) != GIT_OBJECT_BLOB)
    return base::fail(base::ErrorKind::not_found, "there is no file " + path);
  const git_oid& id = *git_tree_entry_id(found.entry.get());
  PIPELINE_TRY(check_size(objects, id, path));
  int code = 0;
  const auto blob = make<Blob>(code, git_blob_lookup, &objects, &id);
  if (!blob) return base::fail(git_failure(code, "read " + path));
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                     static_cast<std::size_t>(git_blob_rawsize(blob.get())));
}

base::Result<std::string> GitSource::read_file(const Revision& revision, const std::string& path) {
  const Mirror mirror(mirrors_, revision.repository);
  PIPELINE_ASSIGN(const Repository objects, mirror.open_objects());
  auto text = read_blob(*objects, revision.tree, path);
  if (!text) return base::fail(mirror.explain(std::move(text).error()));
  return text;
}

base::Result<std::vector<Source::TreeEntry>> GitSource::list_files(const Revision& revision,
                                                                   const std::string& directory) {
  const Mirror mirror(mirrors_, revision.repository);
  PIPELINE_ASSIGN(const Repository objects, mirror.open_objects());
  PIPELINE_ASSIGN(const git_oid tree, parse_id(revision.tree));
  auto files = list_tree(*objects, tree, directory);
  if (!files) return base::fail(mirror.explain(std::move(files).error()));
  return files;
}

base::Result<std::vector<std::string>> paths_between(git_repository& objects, const Tree& before,
                                                     const Tree& after) {
  int code = 0;
  const auto diff =
      make<Diff>(code, git_diff_tree_to_tree, &objects, before.get(), after.get(), nullptr);
  if (!diff) return base::fail(git_failure(code, "compare the trees"));
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i)
    paths.emplace_back(git_diff_get_delta(diff.get(), i)->new_file.path);
  return paths;
}

base::Result<Tree> tree_of(git_repository& objects, const git_oid& commit_id) {
  int code = 0;
  const auto commit = make<Commit>(code, git_commit_lookup, &objects, &commit_id);
  if (!commit) return base::fail(git_failure(code, "read commit " + hex_of(commit_id)));
  auto tree = make<Tree>(code, git_commit_tree, commit.get());
  if (!tree) return base::fail(git_failure(code, "read the tree of " + hex_of(commit_id)));
  return tree;
}

base::Result<std::vector<std::string>> GitSource::changed_paths(const std::string& repository,
                                                                const std::string& from,
                                                                const std::string& to) {
  PIPELINE_ASSIGN(const Repository objects, Mirror(mirrors_, repository).open_objects());
  PIPELINE_ASSIGN(const Tree before, open_tree(*objects, from));
  PIPELINE_ASSIGN(const Tree after, open_tree(*objects, to));
  return paths_between(*objects, before, after);
}

base::Result<std::vector<std::string>> GitSource::brought_by(const std::string& repository,
                                                             const std::string& onto,
                                                             const std::string& head) {
  PIPELINE_ASSIGN(const Repository objects, Mirror(mirrors_, repository).open_objects());
  PIPELINE_ASSIGN(const git_oid from, parse_id(onto));
  PIPELINE_ASSIGN(const git_oid to, parse_id(head));
  git_oid fork = from;
  // Histories that have nothing in common differ by all of both.
  const int code = git_merge_base(&fork, objects.get(), &from, &to);
  if (code == GIT_ENOTFOUND) fork = from;
  if (code < 0 && code != GIT_ENOTFOUND)
    return base::fail(git_failure(code, "find where " + head + " left " + onto));
  PIPELINE_ASSIGN(const Tree before, tree_of(*objects, fork));
  PIPELINE_ASSIGN(const Tree after, tree_of(*objects, to));
  return paths_between(*objects, before, after);
}

}  // namespace

std::unique_ptr<Source> make_git_source(const fs::path& mirrors, const fs::path& trees) {
  return std::make_unique<GitSource>(mirrors, trees);
}

}  // namespace pipeline::source
