// Where working trees are in a repository that a server hosts: each a ref of its own, which no
// clone fetches.
#pragma once

#include <filesystem>
#include <string>

namespace pipeline::source {

inline constexpr const char* kSnapshotRefs = "refs/snapshots/";

inline std::string snapshot_ref(const std::string& tree) {
  return kSnapshotRefs + tree;
}

// Takes the oldest refs of a folder of refs away, but for so many.
void keep_newest_refs(const std::filesystem::path& folder, std::size_t most);

}  // namespace pipeline::source
