// The unpacked releases of one environment:  <directory>/<number>/files/  and  …/digest.
// A release is immutable: nobody may write to its files, and it appears whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"

namespace pipeline::deploy::process {

// Verifies the artifact and unpacks it into a directory that does not exist yet;
// artifact::ArtifactStore::unpack.
using Unpack =
    std::function<base::Result<>(const base::Digest&, const std::filesystem::path& destination)>;

class Releases {
 public:
  Releases(std::filesystem::path directory, Unpack unpack)
      : directory_(std::move(directory)), unpack_(std::move(unpack)) {}

  // Success when the release is there with this digest; ErrorKind::conflict when it has another.
  base::Result<> install(std::uint64_t release, const base::Digest& artifact) const;
  // Where its files are; ErrorKind::not_found when it is not installed.
  base::Result<std::filesystem::path> files(std::uint64_t release) const;
  base::Result<> remove(std::uint64_t release) const;

 private:
  std::filesystem::path directory_;
  Unpack unpack_;
};

}  // namespace pipeline::deploy::process
