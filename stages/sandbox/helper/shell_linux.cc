#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include "stages/host/find_program.h"
#include "stages/sandbox/helper/root_fs.h"
#include "stages/sandbox/helper/shell.h"

namespace pipeline::sandbox::helper {

namespace {

constexpr int kCannotRun = 127;  // the shell's word for it

}  // namespace

Shell::Shell(const SandboxPlan& plan, std::map<std::string, std::string> env)
    : plan_(plan), argv_(plan.shell), variables_(std::move(env)) {
  variables_.insert(plan.env.begin(), plan.env.end());
  variables_.emplace("PATH", host::kDefaultPath);
  // Without isolation the overlay's work directory is not used, empty, and the job's own.
  const bool isolated = plan.isolation == Isolation::full;
  variables_.emplace("HOME", isolated ? kHome : plan.workspace.scratch.native());
  for (const auto& [name, value] : variables_) add(name, value);
  for (auto& entry : env_) envp_.push_back(entry.data());
  envp_.push_back(nullptr);
  argv_.emplace_back("-c");
  argv_.emplace_back();
  find_program();
}

void Shell::add(const std::string& name, const std::string& value) {
  env_.push_back(name);
  env_.back().append("=").append(value);
}

void Shell::find_program() {
  const auto found = host::find_program(argv_.front(), variables_.at("PATH"));
  program_ = found ? found->native() : argv_.front();
}

pid_t Shell::start(const std::string& text, int output) {
  argv_.back() = text;
  std::vector<char*> argv;
  for (auto& word : argv_) argv.push_back(word.data());
  argv.push_back(nullptr);
  // Our signal handlers must not run in the child, which borrows our memory.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t child = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork): see below
  // It makes system calls only, and never returns.
  if (child == 0) become_command(argv.data(), output);  // NOLINT(clang-analyzer-unix.Vfork)
  const int error = errno;
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return child;
}

void Shell::become_command(char** argv, int output) {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // A group of its own, so that a command's `kill 0` ends itself only.
  ::setpgid(0, 0);
  // Without a pid namespace nothing else ends it with us.
  if (plan_.isolation == Isolation::none) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (output >= 0) {
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
  }
  ::execve(program_.c_str(), argv, envp_.data());
  const char* reason = ::strerrordesc_np(errno);
  for (const char* part : {"cannot run ", program_.c_str(), ": ", reason, "\n"}) {
    (void)!::write(STDERR_FILENO, part, std::strlen(part));
  }
  ::_exit(kCannotRun);
}

}  // namespace pipeline::sandbox::helper
