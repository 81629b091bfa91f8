// The pipelines of a tree that runs: read from git, so that a file belongs to the commit that it
// speaks of.
#pragma once

#include "runner/cli/pipeline_lookup.h"
#include "stages/source/source.h"

namespace pipeline::cli {

// `source` outlives it.
PipelineLookup lookup_in(source::Source& source, const source::Revision& revision);
base::Result<PipelineText> read_from(source::Source& source, const source::Revision& revision,
                                     const std::string& file);

}  // namespace pipeline::cli
