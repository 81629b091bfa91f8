// The mirrors of remote repositories that a machine keeps for later jobs, for whoever keeps them
// within a budget: one that goes is fetched again when it is wanted.
//
// Safe from several threads and several processes at once, as Source is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::source {

class MirrorKeep {
 public:
  explicit MirrorKeep(std::filesystem::path mirrors) : mirrors_(std::move(mirrors)) {}

  // Their names. None of a repository of this machine: its mirror has what is nowhere else.
  std::vector<std::string> all() const;
  // When somebody fetched into it or took hold of a tree of it; none: it is not here.
  std::optional<base::TimePoint> used_at(const std::string& name) const;
  std::uint64_t size_of(const std::string& name) const;
  // Waits for whoever fetches into it. What a killed remover left of any goes, too.
  base::Result<> remove(const std::string& name) const;

 private:
  const std::filesystem::path mirrors_;
};

}  // namespace pipeline::source
