// The tree, pipeline and facts that a command line means: what run, plan and deploy start from.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/plan/facts.h"
#include "runner/cli/commands.h"
#include "runner/cli/working_folder.h"
#include "stages/source/source.h"

namespace pipeline::cli {

struct ChosenTree {
  source::Revision revision;
  PipelineText source;
  model::Pipeline pipeline;
  std::map<std::string, std::string> included;     // files that it includes: path → bytes
  config::ServerEnvironments server_environments;  // that count instead of the files'
  std::vector<config::StageOrigins> origins;
  std::vector<config::EnvironmentOrigins> environment_origins;
  std::vector<std::string> files;  // by SourceSpan::file
  plan::Facts facts;
};

// Snapshots the working tree, or fetches (with a progress line on a terminal), finds the pipeline
// file in what it got and parses it. Warnings and what is wrong with the file go to standard error.
// `environments`: what a server defines; none: what the context's services say.
base::Result<ChosenTree> choose_tree(
    const TreeChoice& choice, Context& context,
    const std::optional<config::ServerEnvironments>& environments = std::nullopt);

}  // namespace pipeline::cli
