// libgit2's objects with owners, and its errors as ours. Included by this folder only.
#pragma once

#include <git2.h>

#include <memory>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::source {

template <auto free_function>
struct GitFree {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};

using Repository = std::unique_ptr<git_repository, GitFree<git_repository_free>>;
using ObjectStore = std::unique_ptr<git_odb, GitFree<git_odb_free>>;
using Tree = std::unique_ptr<git_tree, GitFree<git_tree_free>>;
using Blob = std::unique_ptr<git_blob, GitFree<git_blob_free>>;
using Commit = std::unique_ptr<git_commit, GitFree<git_commit_free>>;
using Object = std::unique_ptr<git_object, GitFree<git_object_free>>;
using Reference = std::unique_ptr<git_reference, GitFree<git_reference_free>>;
using ReferenceIterator =
    std::unique_ptr<git_reference_iterator, GitFree<git_reference_iterator_free>>;
using Index = std::unique_ptr<git_index, GitFree<git_index_free>>;
using Diff = std::unique_ptr<git_diff, GitFree<git_diff_free>>;
using Remote = std::unique_ptr<git_remote, GitFree<git_remote_free>>;
using TreeEntryHandle = std::unique_ptr<git_tree_entry, GitFree<git_tree_entry_free>>;

// Calls a libgit2 constructor and takes ownership of what it makes:
// `make<Tree>(git_tree_lookup, repo, &id)`. Null when it failed; last_error() says why.
template <class Handle, class Function, class... Args>
Handle make(int& code, Function function, Args... args) {
  typename Handle::pointer raw = nullptr;
  code = function(&raw, args...);
  return Handle(code < 0 ? nullptr : raw);
}

// The library is ready from the first call on; global options are set once, here.
void ensure_git_ready();

// The error of the libgit2 call that just returned `code` on this thread: "failed to {attempt}: …".
base::Error git_failure(int code, std::string_view attempt);

// Whether it says that an object should be there and is not.
bool is_missing_object(const base::Error& error);

base::Result<git_oid> parse_id(std::string_view hex);
std::string hex_of(const git_oid& id);

}  // namespace pipeline::source
