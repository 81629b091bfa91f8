// The unpacked releases of one environment:  <directory>/<number>/files/  and  …/digest.
// A release is immutable: nobody may write to its files, and it appears whole or not at all,
// also after a power cut.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"

namespace pipeline::deploy::process {

// Where artifacts come from, as artifact::ArtifactStore has them.
struct Artifacts {
  std::function<base::Result<>(const base::Digest&)> verify;
  // Verifies the artifact and unpacks it into a directory that does not exist yet.
  std::function<base::Result<>(const base::Digest&, const std::filesystem::path& destination)>
      unpack;
};

class Releases {
 public:
  Releases(std::filesystem::path directory, Artifacts artifacts)
      : directory_(std::move(directory)), artifacts_(std::move(artifacts)) {}

  base::Result<> verify(const base::Digest& artifact) const { return artifacts_.verify(artifact); }
  // Success when the release is there with this digest; ErrorKind::conflict when it has another.
  base::Result<> install(std::uint64_t release, const base::Digest& artifact) const;
  // Where its files are; ErrorKind::not_found when it is not installed.
  base::Result<std::filesystem::path> files(std::uint64_t release) const;
  // The highest number that was given; 0: none was.
  base::Result<std::uint64_t> last() const;
  base::Result<> remove(std::uint64_t release) const;

 private:
  std::filesystem::path directory_;
  Artifacts artifacts_;
};

}  // namespace pipeline::deploy::process
