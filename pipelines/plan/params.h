// The parameters of a run: what was given, checked against what the pipeline declares, and the
// defaults. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/pipeline.h"

namespace pipeline::plan {

// Every declared parameter has a value afterwards. ErrorKind::invalid, with a hint, for a value
// that is not of the type or no choice, for one that is missing, and for a name that is not
// declared. Resolving what was resolved changes nothing.
base::Result<std::map<std::string, std::string>> resolve_params(
    const std::vector<model::Param>& declared, std::map<std::string, std::string> given);

}  // namespace pipeline::plan
