// How the pipelines of a repository find each other by name, in a working folder or in a tree that
// runs, and the one rule that needs several files: what stages of kind `pipeline` run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/config/reader.h"

namespace pipeline::cli {

struct PipelineText {
  std::string file;  // as the user would write it, for messages
  std::string text;
};

struct PipelineLookup {
  // By the rules of discovery.h.
  std::function<base::Result<PipelineText>(const std::optional<std::string>& name)> find;
  config::Beside beside;  // what they are read with
};

// What is wrong with the children of a pipeline that was read from `file`, and with theirs: one
// that is not there or not valid, parameters that it does not take, pipelines that would run
// each other in a circle, and a lock that would be waited for by who holds it. In file order, at
// the name of the stage.
std::vector<config::Diagnostic> check_children(const std::string& file,
                                               const model::Pipeline& pipeline,
                                               const PipelineLookup& lookup);

}  // namespace pipeline::cli
