// The last lines of a job's log, for displays: safe to print, bounded whatever the job wrote.
#pragma once

#include "runner/cli/render/reporter.h"
#include "runner/cli/run_reader.h"

namespace pipeline::cli {

// Of jobs of run `id`. A log that is missing or damaged has no last lines. `runs` must outlive it.
render::LogTail log_tail_of(RunReader& runs, run::RunId id);

// The lines of a piece of output as a person saw them: what a carriage return overwrote is gone,
// control characters too, a last line without newline counts. At most `count`, the last ones. Pure.
std::vector<std::string> last_lines(std::string_view output, std::size_t count);

}  // namespace pipeline::cli
