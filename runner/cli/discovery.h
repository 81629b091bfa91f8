// Which file is meant by `pipeline run NAME`. Pure: the caller lists the files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::cli {

// Where pipelines are looked for, from the root of the repository.
inline constexpr const char* kRootPipeline = "pipeline.toml";
inline constexpr const char* kPipelineFolder = "pipelines";

// Whether the argument is a file rather than the name of a pipeline.
bool names_a_file(const std::string& argument);

// `files` are paths from the root; those that cannot be pipelines are ignored. No name:
// pipeline.toml, else the only one in pipelines/, else pipelines/ci.toml. ErrorKind::invalid, with
// a hint, when there is no such file or no telling which is meant.
base::Result<std::string> choose_pipeline(const std::vector<std::string>& files,
                                          const std::optional<std::string>& name);

// All pipeline files among `files`, pipeline.toml first.
std::vector<std::string> pipeline_files(const std::vector<std::string>& files);

}  // namespace pipeline::cli
