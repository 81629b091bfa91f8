// How a process ended. A value; a signal is never mistaken for an exit code.
#pragma once

#include <sys/wait.h>

#include <string>

namespace pipeline::host {

struct ExitStatus {
  int code = 0;    // meaningful when signal is 0
  int signal = 0;  // 0: it exited by itself

  static ExitStatus from_wait_status(int raw) {
    if (WIFSIGNALED(raw)) return {.code = 0, .signal = WTERMSIG(raw)};
    return {.code = WEXITSTATUS(raw), .signal = 0};
  }
  bool success() const { return code == 0 && signal == 0; }
  // The shell's convention: 128 + n for signal n.
  int shell_code() const { return signal != 0 ? 128 + signal : code; }
  // "exit status 3", "signal 9".
  std::string to_string() const {
    return signal != 0 ? "signal " + std::to_string(signal) : "exit status " + std::to_string(code);
  }
  bool operator==(const ExitStatus&) const = default;
};

}  // namespace pipeline::host
