// Starts commands of a job as its processes: the stage's shell with one environment. Inside, in pid
// 1.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "stages/sandbox/sandbox.h"

namespace pipeline::sandbox::helper {

// Everything execve needs but the command's text, made once.
class Shell {
 public:
  // `env`: over the plan's own. `plan` must outlive it.
  Shell(const SandboxPlan& plan, std::map<std::string, std::string> env);

  // In a process group of its own. `output`: becomes its standard output and error; -1: ours. The
  // pid, or -1 with errno.
  pid_t start(const std::string& text, int output);

 private:
  void add(const std::string& name, const std::string& value);
  void find_program();
  [[noreturn]] void become_command(char** argv, int output);

  const SandboxPlan& plan_;
  std::string program_;
  std::vector<std::string> argv_;
  std::map<std::string, std::string> variables_;
  std::vector<std::string> env_;
  std::vector<char*> envp_;
};

}  // namespace pipeline::sandbox::helper
