// What the split stages of a run divide among their jobs: the files that the tree has, and how long
// their tests took the last time. Looked up once, before the run, and stored with its facts, so
// that all parts divide the same list.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/pipeline.h"
#include "pipelines/plan/facts.h"
#include "runner/cli/services.h"
#include "stages/source/source.h"

namespace pipeline::cli {

// By stage. A glob that matches nothing is ErrorKind::invalid: its jobs would have nothing to do
// and succeed. Durations are best effort: without a history the division is by name.
base::Result<std::map<std::string, std::vector<plan::SplitFile>>> split_files_of(
    const model::Pipeline& pipeline, const source::Revision& revision, Services& services);

}  // namespace pipeline::cli
