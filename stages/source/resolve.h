// What a ref means: the commit, and the names it goes by.
#pragma once

#include <string>

#include "stages/source/git_handle.h"
#include "stages/source/source.h"

namespace pipeline::source {

// Fills in commit, tree, branch, tag and submodules for `ref`: a branch, a tag, a remote branch of
// "origin", a full ref name, a commit or any revision git knows; empty is HEAD.
// ErrorKind::invalid, with the nearest name as hint, when it means nothing.
base::Result<> resolve(git_repository& repository, const std::string& ref, Revision& revision);

// A tag that points at exactly this commit, the last by name when there are several; empty when
// there is none.
std::string exact_tag(git_repository& repository, const git_oid& commit);

}  // namespace pipeline::source
