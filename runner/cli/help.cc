#include "runner/cli/help.h"

namespace pipeline::cli {

std::string overview() {
  return R"(pipeline takes a change from a git commit to production.

usage: pipeline COMMAND [ARGUMENTS]

Pipelines
  run        run a pipeline on the working tree as it stands
  check      validate pipeline files
  plan       what a run would do, and why
  graph      the stages and what they need
  init       write a starter pipeline
  schema     the JSON Schema of pipeline files, for editors

Runs
  runs       the latest runs
  show       one run: its stages, artifacts and failures
  logs       what a run's jobs printed
  cancel     stop a run that is under way
  retry      run again what failed, reuse the rest
  artifacts  list or unpack what a run made

Environments
  status     what serves where
  deploy     bring an artifact to an environment
  rollback   put an earlier release back
  stop       end all instances of an environment

Machine
  doctor     what this machine offers for isolating jobs

pipeline COMMAND --help explains one of them. --version, --no-color (or NO_COLOR) work everywhere.

Exit codes: 0 success, 1 the pipeline failed, 2 the file or the command line is wrong,
3 something on our side went wrong, 4 waiting for approval, 130 cancelled.
)";
}

std::string version_text() {
  return "pipeline " PIPELINE_VERSION "\n";
}

}  // namespace pipeline::cli
