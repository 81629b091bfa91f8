// What a result depends on, one line for each thing, so that a person can be told what changed.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::plan {

struct ManifestLine {
  std::string kind;   // "file", "variable", "tool", "command" …
  std::string name;   // of the file, the variable …; a number where order counts
  std::string value;  // object id, text, digest
  bool operator==(const ManifestLine&) const = default;
};

using ResultManifest = std::vector<ManifestLine>;

// Kinds of what other jobs hand on: not known before these have run.
inline constexpr std::string_view kLayerLine = "output of a needed stage";
inline constexpr std::string_view kArtifactLine = "used artifact";

// Every field is its length and its bytes, so that no two manifests have one spelling.
std::string to_text(const ResultManifest& manifest);
// ErrorKind::corrupt for what to_text did not write.
base::Result<ResultManifest> manifest_from(std::string_view text);

// What is different now, a phrase each, at most `most` of them and then how many more:
// "src/a.cc changed", "variable CC was \"gcc\", is \"clang\"", "tool g++ changed". Empty: nothing
// is.
std::vector<std::string> differences(const ResultManifest& before, const ResultManifest& now,
                                     std::size_t most);

}  // namespace pipeline::plan
