// What a run may not do that nobody of the project has vouched for: a pull request from a fork,
// whose pipeline file is the stranger's as well. Pure.
//
// It is given no secrets, deploys nothing, sees no file and no network of the machine, and holds up
// no run that is trusted: its locks and its concurrency group are apart from theirs.
#pragma once

#include <optional>
#include <string>

#include "pipelines/model/stage.h"
#include "pipelines/plan/facts.h"

namespace pipeline::plan {

// Why a job of the stage is skipped in the run; none: it may run.
std::optional<std::string> why_untrusted_may_not(const model::Stage& stage, const Facts& facts);

// A lock's or a group's name among the runs that share it.
std::string among_equals(std::string name, const Facts& facts);

}  // namespace pipeline::plan
