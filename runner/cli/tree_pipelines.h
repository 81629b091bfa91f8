// The pipelines of a tree that runs: read from git, so that a file belongs to the commit that it
// speaks of.
#pragma once

#include "runner/cli/pipeline_lookup.h"
#include "runner/cli/services.h"
#include "stages/source/source.h"

namespace pipeline::cli {

// All pipeline files, as discovery.h has them.
base::Result<std::vector<std::string>> pipeline_files_in(source::Source& source,
                                                         const source::Revision& revision);
// What they are read with on this machine, or on the server whose services these are. The services'
// source outlives it.
base::Result<PipelineLookup> lookup_in(Services& services, const source::Revision& revision);
// The same for a run that has been planned with these definitions of environments before.
PipelineLookup lookup_in(source::Source& source, const source::Revision& revision,
                         config::ServerEnvironments environments);
base::Result<PipelineText> read_from(source::Source& source, const source::Revision& revision,
                                     const std::string& file);

}  // namespace pipeline::cli
