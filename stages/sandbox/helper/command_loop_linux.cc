#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "stages/sandbox/helper/channel.h"
#include "stages/sandbox/helper/command_loop.h"
#include "stages/sandbox/helper/root_fs.h"

namespace pipeline::sandbox::helper {

namespace {

constexpr int kCannotRun = 127;  // the shell's word for it
constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// Remembered for the command that is only about to be started when the signal comes.
volatile std::sig_atomic_t told_to_end = 0;

void pass_on_term(int /*signal*/) {
  told_to_end = 1;
  // Pid 1 itself is not among "all".
  if (::getpid() == 1) ::kill(-1, SIGTERM);
}

void listen_for_term() {
  struct sigaction action {};
  action.sa_handler = pass_on_term;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGTERM, &action, nullptr);
  // The helper blocks it, and we are its copy.
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Everything execve needs but the command's text, made once.
class Commands {
 public:
  explicit Commands(const SandboxPlan& plan) : plan_(plan) {
    for (const auto& [name, value] : plan.env) add(name, value);
    if (!plan.env.contains("PATH")) add("PATH", kDefaultPath);
    // Without isolation the overlay's work directory is not used, empty, and the job's own.
    const bool isolated = plan.isolation == Isolation::full;
    if (!plan.env.contains("HOME")) add("HOME", isolated ? kHome : plan.workspace.scratch.native());
    for (auto& entry : env_) envp_.push_back(entry.data());
    envp_.push_back(nullptr);
    for (const auto& word : plan.shell) argv_.push_back(word);
    argv_.emplace_back("-c");
    argv_.emplace_back();
    find_shell();
  }

  pid_t start(std::uint32_t index) {
    argv_.back() = plan_.commands[index];
    std::vector<char*> argv;
    for (auto& word : argv_) argv.push_back(word.data());
    argv.push_back(nullptr);
    // Our signal handler must not run in the child, which borrows our memory.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before);
    const pid_t child = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork): see below
    // It makes system calls only, and never returns.
    if (child == 0) become_command(argv.data());  // NOLINT(clang-analyzer-unix.Vfork)
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return child;
  }

 private:
  void add(const std::string& name, const std::string& value) {
    env_.push_back(name);
    env_.back().append("=").append(value);
  }

  void find_shell() {
    program_ = argv_.front();
    if (program_.find('/') != std::string::npos) return;
    const auto path = plan_.env.find("PATH");
    std::string_view rest = path != plan_.env.end() ? std::string_view(path->second) : kDefaultPath;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(':'), rest.size());
      std::string candidate(rest.substr(0, end));
      candidate.append("/").append(argv_.front());
      if (::access(candidate.c_str(), X_OK) == 0) {
        program_ = candidate;
        return;
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  [[noreturn]] void become_command(char** argv) {
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
    ::execve(program_.c_str(), argv, envp_.data());
    const char* reason = ::strerrordesc_np(errno);
    for (const char* part : {"cannot run ", program_.c_str(), ": ", reason, "\n"}) {
      (void)!::write(2, part, std::strlen(part));
    }
    ::_exit(kCannotRun);
  }

  const SandboxPlan& plan_;
  std::string program_;
  std::vector<std::string> argv_;
  std::vector<std::string> env_;
  std::vector<char*> envp_;
};

FromInside run(Commands& commands, std::uint32_t index) {
  const pid_t command = commands.start(index);
  if (command < 0) {
    return failure(base::Error::from_errno(errno, "start a process"));
  }
  if (told_to_end != 0) ::kill(command, SIGTERM);
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, 0);
    if (ended == command) return {.kind = FromInside::Kind::finished, .status = status};
    if (ended < 0 && errno != EINTR) {
      return failure(base::Error::from_errno(errno, "wait for a process"));
    }
  }
}

FromInside await_idle() {
  while (::waitpid(-1, nullptr, 0) >= 0 || errno == EINTR) {
  }
  return {.kind = FromInside::Kind::idle};
}

}  // namespace

void run_commands(const SandboxPlan& plan, int channel) {
  listen_for_term();
  Commands commands(plan);
  for (;;) {
    const auto instruction = receive_instruction(channel);
    if (!instruction) ::_exit(0);
    const ToInside& told = instruction->message;
    const FromInside answer = told.kind == ToInside::Kind::run && told.index < plan.commands.size()
                                  ? run(commands, told.index)
                                  : await_idle();
    if (!send(channel, answer)) ::_exit(0);
  }
}

}  // namespace pipeline::sandbox::helper
