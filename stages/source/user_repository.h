// A repository that belongs to somebody else: opened with git's own owner check, only ever read.
#pragma once

#include <filesystem>
#include <string>

#include "stages/source/git_handle.h"
#include "stages/source/source.h"

namespace pipeline::source {

// The repository at or above `path`. Every refusal says what to do next.
base::Result<Repository> open_user_repository(const std::filesystem::path& path);

// Its canonical name: the working tree's directory, or that of the bare repository itself.
std::string repository_key(git_repository& repository);
std::filesystem::path objects_directory(git_repository& repository);

// Fills in commit, branch and tag of what is checked out; leaves them empty before the first
// commit.
base::Result<> describe_head(git_repository& repository, Revision& revision);

}  // namespace pipeline::source
