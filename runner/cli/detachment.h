// A command that goes on in the background, by a second process that leaves the terminal once there
// is something to come back to. Until then its mistakes are told on the terminal, with its exit
// code, as if there were one process.
//
//   split()             in the beginning
//   one process:        wait() until the other has left or ended
//   the other:          … → leave(run) → …     its words go to a log from then on
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <variant>

#include "pipelines/base/result.h"
#include "pipelines/run/event.h"
#include "runner/cli/exit_code.h"
#include "runner/cli/terminal.h"
#include "stages/host/unique_fd.h"

namespace pipeline::cli {

class Detachment {
 public:
  // Returns twice. REQUIRES: one thread, and nothing open that two processes must not share (a
  // store).
  static base::Result<std::unique_ptr<Detachment>> split();

  // Whether this is the process that stays with the terminal.
  bool stays() const { return child_ > 0; }

  // For the one that stays: the run that the other one named, or its exit code.
  std::variant<run::RunId, ExitCode> wait();

  // For the other: where its words go. Nowhere, before it leaves.
  Console& console() { return *console_; }
  // Signals of the terminal do not come here any more; leave() does it if it was not done before.
  base::Result<> leave_session();
  // The run goes on without the terminal: a session of its own, standard streams in `log`.
  base::Result<> leave(run::RunId run, const std::filesystem::path& log);
  // There is nothing to be left for: somebody else drives the run, or it is over.
  base::Result<> name(run::RunId run);

 private:
  Detachment(int child, host::UniqueFd pipe) : child_(child), pipe_(std::move(pipe)) {}

  int child_;  // 0 in the other
  host::UniqueFd pipe_;
  host::UniqueFd words_;
  std::optional<Console> console_;
};

}  // namespace pipeline::cli
