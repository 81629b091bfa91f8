#include "runner/cli/exit_code.h"

namespace pipeline::cli {

ExitCode exit_code_of(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::invalid:
      return ExitCode::wrong;
    case base::ErrorKind::failed:
      return ExitCode::failed;
    case base::ErrorKind::cancelled:
      return ExitCode::cancelled;
    // What the user named was looked for where the name was read (user_mistake.h): what is missing,
    // or in the way, elsewhere is our machinery's.
    case base::ErrorKind::not_found:
    case base::ErrorKind::already_exists:
    case base::ErrorKind::permission:
    case base::ErrorKind::unavailable:
    case base::ErrorKind::conflict:
    case base::ErrorKind::corrupt:
    case base::ErrorKind::exhausted:
    case base::ErrorKind::timed_out:
    case base::ErrorKind::io:
    case base::ErrorKind::internal:
      return ExitCode::errored;
  }
  return ExitCode::errored;
}

ExitCode exit_code_of(run::RunStatus status) {
  switch (status) {
    case run::RunStatus::succeeded:
      return ExitCode::success;
    case run::RunStatus::failed:
      return ExitCode::failed;
    case run::RunStatus::cancelled:
      return ExitCode::cancelled;
    case run::RunStatus::created:
    case run::RunStatus::running:
    case run::RunStatus::errored:
    case run::RunStatus::interrupted:
      return ExitCode::errored;
  }
  return ExitCode::errored;
}

}  // namespace pipeline::cli
