// What the program says to its caller by its exit code. The contract of every command.
#pragma once

#include "pipelines/base/error.h"
#include "pipelines/run/outcome.h"

namespace pipeline::cli {

enum ExitCode : int {
  success = 0,
  failed = 1,   // the pipeline said no
  wrong = 2,    // the file or the command line is wrong
  errored = 3,  // we could not do our part
  waiting = 4,  // for approval, with --no-wait
  cancelled = 130,
};

ExitCode exit_code_of(base::ErrorKind kind);
ExitCode exit_code_of(run::RunStatus status);

}  // namespace pipeline::cli
