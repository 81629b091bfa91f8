// The user's own files, for commands that need no run: where the repository begins, which pipeline
// files it has, what they say. Reads the disk, not git.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/config/reader.h"
#include "runner/cli/pipeline_lookup.h"
#include "runner/cli/terminal.h"

namespace pipeline::cli {

class WorkingFolder {
 public:
  // The repository at or above `directory`; outside of one, `directory` itself.
  explicit WorkingFolder(std::filesystem::path directory);

  const std::filesystem::path& root() const { return root_; }
  bool is_repository() const;
  // pipeline.toml and pipelines/*.toml, those that exist, as paths from the root.
  std::vector<std::string> pipeline_files() const;
  // By the rules of discovery.h; a FILE.toml is relative to where the user stands.
  base::Result<PipelineText> read_chosen(const std::optional<std::string>& pipeline) const;
  base::Result<PipelineText> read(const std::filesystem::path& file) const;
  // One of pipeline_files(). As a run takes it from the tree: a symlink is followed, but not out of
  // the repository.
  base::Result<PipelineText> read_found(const std::string& file) const;
  // A copy, which outlives this object.
  PipelineLookup lookup() const;

 private:
  std::filesystem::path directory_;
  std::filesystem::path root_;
};

// Reads and validates, its children too (pipeline_lookup.h): no pipeline when something is wrong.
config::ReadResult read_with_children(const PipelineText& source, const PipelineLookup& lookup);

// Reads and validates. What is wrong is printed on standard error, as are warnings; the error that
// is returned then only counts it (ErrorKind::invalid). The result has a pipeline.
base::Result<config::ReadResult> parse_pipeline(const PipelineText& source,
                                                const PipelineLookup& lookup, Console& console);

}  // namespace pipeline::cli
