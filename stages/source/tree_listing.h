// Reading git trees: hostile ones too, so depth and number of entries are bounded and names that
// would leave the tree are refused.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "stages/source/git_handle.h"
#include "stages/source/source.h"

namespace pipeline::source {

// A tree may name the same sub-tree many times, so a few objects can describe billions of files.
inline constexpr std::size_t kMaxTreeEntries = 2'000'000;
inline constexpr std::size_t kMaxTreeDepth = 512;

// Whether a name may become a file: not empty, `.`, `..` or `.git` in any case, no slash.
bool is_safe_name(std::string_view name);
base::Error unsafe_name(std::string_view directory, std::string_view name);

// Every file below `directory` (empty: all), in git's order. Trees are entered, not listed;
// gitlinks are listed.
base::Result<std::vector<Source::TreeEntry>> list_tree(git_repository& repository,
                                                       const git_oid& tree,
                                                       const std::string& directory);

// Paths of gitlinks; trees without a `.gitmodules` file are not searched.
base::Result<std::vector<std::string>> submodules_of(git_repository& repository,
                                                     const git_oid& tree);

}  // namespace pipeline::source
