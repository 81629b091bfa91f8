#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <optional>
#include <vector>

#include "stages/sandbox/helper/channel.h"
#include "stages/sandbox/helper/command_loop.h"
#include "stages/sandbox/helper/readiness.h"
#include "stages/sandbox/helper/shell.h"

namespace pipeline::sandbox::helper {

namespace {

// Remembered for the process that is only about to be started when the signal comes.
volatile std::sig_atomic_t told_to_end = 0;

void pass_on_term(int /*signal*/) {
  told_to_end = 1;
  // Pid 1 itself is not among "all".
  if (::getpid() == 1) ::kill(-1, SIGTERM);
}

// It only has to interrupt what waits.
void note_child(int /*signal*/) {}

// What is to be waited with: SIGCHLD comes then, and at no other time.
sigset_t listen_for_signals() {
  struct sigaction action {};
  action.sa_handler = pass_on_term;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = note_child;
  ::sigaction(SIGCHLD, &action, nullptr);
  // The helper blocks some, and we are its copy.
  sigset_t waiting;
  ::sigemptyset(&waiting);
  sigset_t working;
  ::sigemptyset(&working);
  ::sigaddset(&working, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &working, nullptr);
  return waiting;
}

class JobLoop {
 public:
  JobLoop(const SandboxPlan& plan, int channel)
      : plan_(plan), channel_(channel), waiting_(listen_for_signals()), shell_(plan, {}) {}

  // Until the helper has gone.
  void run() {
    while (helper_is_there_) {
      reap();
      if (awaited_ && is_due(*awaited_)) awaited_->look();
      pollfd watched{.fd = channel_, .events = POLLIN, .revents = 0};
      const auto patience = time_to_next_look();
      if (::ppoll(&watched, 1, patience ? &*patience : nullptr, &waiting_) > 0) hear();
    }
  }

 private:
  struct Service {
    explicit Service(const SandboxPlan& plan, const model::ServiceSpec& spec, host::UniqueFd pipe)
        : shell(plan, spec.env), output(std::move(pipe)) {}
    Shell shell;
    host::UniqueFd output;  // until it is ready
    pid_t process = -1;     // while it runs
  };

  static bool is_due(const Readiness& readiness) {
    const auto next = readiness.next_look();
    return next && told_to_end == 0 && *next <= std::chrono::steady_clock::now();
  }

  std::optional<timespec> time_to_next_look() const {
    const auto next = awaited_ && told_to_end == 0 ? awaited_->next_look() : std::nullopt;
    if (!next) return std::nullopt;
    const auto left =
        std::max(*next - std::chrono::steady_clock::now(), Readiness::Time::duration(0));
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
    return timespec{whole.count(), std::chrono::nanoseconds(left - whole).count()};
  }

  void tell(const FromInside& report) { helper_is_there_ = send(channel_, report); }

  void tell_errno(const char* attempt) { tell(failure(base::Error::from_errno(errno, attempt))); }

  void hear() {
    auto instruction = receive_instruction(channel_);
    helper_is_there_ = instruction.has_value();
    if (!instruction) return;
    const ToInside& told = instruction->message;
    switch (told.kind) {
      case ToInside::Kind::run:
        if (told.index < plan_.commands.size()) start_command(told.index);
        return;
      case ToInside::Kind::start_service:
        if (instruction->descriptors.size() == 1) {
          start_service(told.index, std::move(instruction->descriptors.front()));
        }
        return;
      case ToInside::Kind::signal_service:
        if (told.index < services_.size()) signal_service(told.index, told.signal);
        return;
      case ToInside::Kind::signal_command:
        if (command_ > 0) ::kill(-command_, told.signal);
        return;
      case ToInside::Kind::await_idle:
        idle_is_awaited_ = true;
        return;
      case ToInside::Kind::go:
      case ToInside::Kind::order:
        return;
    }
  }

  void start_command(std::uint32_t index) {
    command_ = shell_.start(plan_.commands[index], -1);
    if (command_ < 0) return tell_errno("start a process");
    if (told_to_end != 0) ::kill(command_, SIGTERM);
  }

  void start_service(std::uint32_t index, host::UniqueFd output) {
    if (index != services_.size() || index >= plan_.services.size()) return;
    const model::ServiceSpec& spec = plan_.services[index];
    auto& service =
        *services_.emplace_back(std::make_unique<Service>(plan_, spec, std::move(output)));
    service.process = service.shell.start(spec.run, service.output.get());
    if (service.process < 0) return tell_errno("start a process");
    if (told_to_end != 0) ::kill(service.process, SIGTERM);
    if (!spec.ready) return service_is_ready(index);
    auto readiness = Readiness::create(*spec.ready, service.shell);
    if (!readiness) return tell(failure(readiness.error()));
    awaited_.emplace(*std::move(readiness));
  }

  void service_is_ready(std::uint32_t index) {
    services_[index]->output.reset();
    awaited_.reset();
    tell({.kind = FromInside::Kind::service_ready, .index = index});
  }

  // Only the last one can be waited for.
  void give_up_waiting_for(std::size_t index) {
    if (!awaited_ || index + 1 != services_.size()) return;
    awaited_->give_up(services_[index]->output.get());
    awaited_.reset();
    services_[index]->output.reset();
  }

  void signal_service(std::uint32_t index, int signal) {
    give_up_waiting_for(index);
    const pid_t process = services_[index]->process;
    if (process > 0) ::kill(-process, signal);
  }

  // A command that ended together with a service ended because of it: the service is told first.
  void reap() {
    std::optional<int> command_status;
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(-1, &status, WNOHANG)) > 0) {
      if (ended == command_) {
        command_status = status;
      } else {
        other_ended(ended, status);
      }
    }
    const bool is_alone = ended < 0 && errno == ECHILD;
    if (command_status) {
      command_ = -1;
      tell({.kind = FromInside::Kind::finished, .status = *command_status});
    }
    if (is_alone && std::exchange(idle_is_awaited_, false)) tell({.kind = FromInside::Kind::idle});
  }

  void other_ended(pid_t process, int status) {
    if (awaited_) {
      const auto seen = awaited_->ended(process, status);
      const auto index = static_cast<std::uint32_t>(services_.size() - 1);
      if (seen == Readiness::Seen::ready) service_is_ready(index);
      if (seen != Readiness::Seen::nothing_of_ours) return;
    }
    for (std::uint32_t index = 0; index < services_.size(); ++index) {
      if (services_[index]->process != process) continue;
      services_[index]->process = -1;
      if (awaited_ && index + 1 == services_.size()) {
        awaited_->end();
        awaited_.reset();
      }
      services_[index]->output.reset();
      tell({.kind = FromInside::Kind::service_ended, .status = status, .index = index});
    }
  }

  const SandboxPlan& plan_;
  const int channel_;
  const sigset_t waiting_;
  Shell shell_;
  bool helper_is_there_ = true;
  bool idle_is_awaited_ = false;
  pid_t command_ = -1;
  std::vector<std::unique_ptr<Service>> services_;  // as far as they were started
  std::optional<Readiness> awaited_;                // of the last one, until it is ready
};

}  // namespace

void run_commands(const SandboxPlan& plan, int channel) {
  JobLoop(plan, channel).run();
  ::_exit(0);
}

}  // namespace pipeline::sandbox::helper
