// Refs of a repository on this machine that we move ourselves. Blocks; safe from several threads,
// and beside git.
#pragma once

#include <filesystem>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::source {

// Whether the history of `after` has `before` in it. ErrorKind::not_found when one is not there.
base::Result<bool> is_fast_forward(const std::filesystem::path& repository,
                                   const std::string& before, const std::string& after);

// Whether the ref is at `commit` then: it was already, it was moved there, or made. False when that
// would be no fast-forward of where it is.
base::Result<bool> fast_forward(const std::filesystem::path& repository, const std::string& ref,
                                const std::string& commit);

// A ref that keeps a commit from being collected; one that is there is moved.
base::Result<> keep_commit(const std::filesystem::path& repository, const std::string& ref,
                           const std::string& commit);
// Also when there is none.
base::Result<> remove_ref(const std::filesystem::path& repository, const std::string& ref);

}  // namespace pipeline::source
