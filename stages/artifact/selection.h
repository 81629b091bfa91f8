// Which entries of a workspace an artifact's globs mean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/workspace/merged_view.h"

namespace pipeline::artifact {

// What it means that nothing matches a glob.
enum class Unmatched { refused, allowed };

// In byte order of the paths, with the directories on the way to each. Errors as
// ArtifactStore::put says.
base::Result<std::vector<workspace::ViewEntry>> select(const workspace::MergedView& view,
                                                       const std::vector<std::string>& globs,
                                                       std::uint64_t max_bytes,
                                                       Unmatched unmatched = Unmatched::refused);

// Whether a symlink at `path` stays inside the tree it is part of, whatever else that tree holds:
// its target is relative, climbs only at its beginning, and not above the root.
bool stays_inside(std::string_view path, std::string_view target);

}  // namespace pipeline::artifact
