// Which branches and tags of a repository have had their runs, each with the object that it was at:
// in a file of the state directory, so that what moves while no server runs is seen by the next.
//
// Threads: a repository's is one thread's at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/source/refs.h"

namespace pipeline::serve {

inline constexpr std::string_view kBranches = "refs/heads/";
inline constexpr std::string_view kTags = "refs/tags/";

// Of all refs those that a push moves.
source::Refs branches_and_tags(source::Refs refs);

// One that is not as it was seen.
struct MovedRef {
  std::string name;
  std::string id;
  std::string before;  // empty: it was not there
  bool operator==(const MovedRef&) const = default;
};
std::vector<MovedRef> moved_since(const source::Refs& seen, const source::Refs& now);

// None: the repository was never looked at.
std::optional<source::Refs> load_seen(const std::filesystem::path& file);
// Survives a power cut once it has returned.
base::Result<> save_seen(const std::filesystem::path& file, const source::Refs& refs);

}  // namespace pipeline::serve
