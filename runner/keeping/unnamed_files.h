// Files named by a digest that nobody names any more: found in a directory, and taken away beside
// those who work there.
//
// Who is about to name such a file sets its time, or that of the witness beside it, before he looks
// whether it is there (ArtifactStore::mark_used). A file is therefore moved aside first and looked
// at once more: whoever came before that is seen, and whoever comes later finds none.
// Threads: one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"

namespace pipeline::keeping {

struct DigestFiles {
  std::filesystem::path directory;
  std::string suffix;   // after the digest: ".tar.zst"
  std::string witness;  // after the file's name, its time counts too; empty: none
};

struct UnnamedFile {
  base::Digest digest;
  std::uint64_t size = 0;
};

// Not named, and not touched since `before`; sorted.
base::Result<std::vector<UnnamedFile>> unnamed_in(const DigestFiles& files,
                                                  const std::set<base::Digest>& named,
                                                  base::TimePoint before);

// Whether it went; not when somebody has touched it meanwhile.
base::Result<bool> take_away(const DigestFiles& files, const base::Digest& digest,
                             base::TimePoint before);

// Brings back what a killed take_away() had moved aside.
base::Result<> bring_back(const DigestFiles& files);

}  // namespace pipeline::keeping
