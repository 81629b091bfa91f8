// Which entries make up a layer, decided before anything is touched.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "stages/workspace/merged_view.h"

namespace pipeline::workspace {

struct LayerContent {
  std::map<std::string, ViewEntry> entries;  // by path, with the directories above every output
  std::set<std::string> whiteouts;           // paths of `below` that the job removed
};

// `seen` is what the job saw, `below` what it was given. Errors as LayerStore::collect says.
base::Result<LayerContent> choose_content(const MergedView& seen, const MergedView& below,
                                          const std::vector<std::string>& outputs,
                                          std::uint64_t max_bytes);

}  // namespace pipeline::workspace
