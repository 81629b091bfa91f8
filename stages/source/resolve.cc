#include "stages/source/resolve.h"

#include <array>

#include "pipelines/base/text.h"
#include "stages/source/tree_listing.h"

namespace pipeline::source {

namespace {

constexpr std::string_view kBranches = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";

base::Error unknown(git_repository& repository, const std::string& ref) {
  std::vector<std::string> names;
  int code = 0;
  const auto references = make<ReferenceIterator>(code, git_reference_iterator_new, &repository);
  const char* name = nullptr;
  while (references && git_reference_next_name(&name, references.get()) == 0)
    for (const std::string_view prefix : {kBranches, kTags})
      if (std::string_view(name).starts_with(prefix)) names.emplace_back(name + prefix.size());
  base::Error error(base::ErrorKind::invalid, "there is no branch, tag or commit \"" + ref + "\"");
  if (const auto near = base::nearest(ref, names))
    return std::move(error).hint("did you mean \"" + *near + "\"?");
  return std::move(error).hint("`git branch --all` and `git tag` list what there is");
}

// The object `ref` means, and in `revision` whether that is a branch or a tag.
Object find(git_repository& repository, const std::string& ref, Revision& revision) {
  struct Place {
    std::string prefix;
    std::string* name;
  };
  const std::array<Place, 4> places = {{{std::string(kBranches), &revision.branch},
                                        {std::string(kTags), &revision.tag},
                                        {"refs/remotes/origin/", &revision.branch},
                                        {"", nullptr}}};
  int code = 0;
  for (const Place& place : places) {
    const std::string full = place.prefix + ref;
    if (place.prefix.empty() && !ref.starts_with("refs/")) continue;
    git_oid id;
    if (git_reference_name_to_id(&id, &repository, full.c_str()) != 0) continue;
    if (place.name != nullptr) *place.name = ref;
    if (full.starts_with(kBranches)) revision.branch = full.substr(kBranches.size());
    return make<Object>(code, git_object_lookup, &repository, &id, GIT_OBJECT_ANY);
  }
  return make<Object>(code, git_revparse_single, &repository, ref.c_str());
}

base::Result<> fill(git_repository& repository, const git_commit& commit, Revision& revision) {
  revision.commit = hex_of(*git_commit_id(&commit));
  revision.tree = hex_of(*git_commit_tree_id(&commit));
  for (unsigned i = 0; i < git_commit_parentcount(&commit); ++i)
    revision.parents.push_back(hex_of(*git_commit_parent_id(&commit, i)));
  if (revision.tag.empty()) revision.tag = exact_tag(repository, *git_commit_id(&commit));
  PIPELINE_ASSIGN(revision.submodules, submodules_of(repository, *git_commit_tree_id(&commit)));
  return {};
}

}  // namespace

base::Result<> resolve(git_repository& repository, const std::string& ref, Revision& revision) {
  int code = 0;
  Object object;
  if (ref.empty()) {
    auto head = make<Reference>(code, git_repository_head, &repository);
    if (code == GIT_EUNBORNBRANCH || code == GIT_ENOTFOUND)
      return base::fail(
          base::Error(base::ErrorKind::invalid, revision.repository + " has no commit yet")
              .hint("commit something first"));
    if (!head) return base::fail(git_failure(code, "read HEAD"));
    if (git_reference_is_branch(head.get()) != 0)
      revision.branch = git_reference_shorthand(head.get());
    object = make<Object>(code, git_reference_peel, head.get(), GIT_OBJECT_COMMIT);
  } else {
    object = find(repository, ref, revision);
  }
  if (!object) return base::fail(unknown(repository, ref));
  auto peeled = make<Object>(code, git_object_peel, object.get(), GIT_OBJECT_COMMIT);
  if (!peeled)
    return base::fail(base::Error(base::ErrorKind::invalid, "\"" + ref + "\" is not a commit")
                          .hint("name a branch, a tag or a commit"));
  auto commit = make<Commit>(code, git_commit_lookup, &repository, git_object_id(peeled.get()));
  if (!commit) return base::fail(git_failure(code, "read the commit"));
  return fill(repository, *commit, revision);
}

std::string exact_tag(git_repository& repository, const git_oid& commit) {
  int code = 0;
  const auto tags =
      make<ReferenceIterator>(code, git_reference_iterator_glob_new, &repository, "refs/tags/*");
  std::string best;
  git_reference* raw = nullptr;
  while (tags && git_reference_next(&raw, tags.get()) == 0) {
    const Reference tag(raw);
    const auto target = make<Object>(code, git_reference_peel, tag.get(), GIT_OBJECT_COMMIT);
    if (!target || git_oid_equal(git_object_id(target.get()), &commit) == 0) continue;
    best = std::max(best, std::string(git_reference_name(tag.get()) + kTags.size()));
  }
  return best;
}

}  // namespace pipeline::source
