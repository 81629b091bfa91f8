#include "stages/deploy/process/supervisor/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "stages/deploy/process/supervisor/become.h"
#include "stages/host/descendants.h"

namespace pipeline::deploy::process {

using base::Result;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kLogLimit = std::size_t{1} << 20U;
constexpr auto kFirstDelay = 100ms;
constexpr auto kLongestDelay = 30s;
constexpr auto kStableAfter = 10s;  // an instance that lived so long did not crash at its start

std::map<std::string, std::string> environment_of(const Order& order,
                                                  const std::filesystem::path& directory) {
  std::map<std::string, std::string> env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                            {"HOME", directory / kHomeDirectory},
                                            {"LANG", "C.UTF-8"}};
  for (const auto& [name, value] : order.spec.env) env[name] = value;
  return env;
}

}  // namespace

Supervisor::Supervisor(std::filesystem::path directory, const Order& order)
    : directory_(std::move(directory)),
      order_(order),
      log_(directory_ / kOutputFile, directory_ / kOlderOutputFile, kLogLimit),
      delay_(kFirstDelay) {}

Result<> Supervisor::start() {
  PIPELINE_TRY(prepare());
  PIPELINE_TRY(start_instance());
  return remember();
}

Result<> Supervisor::prepare() {
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int number : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&awaited, number);
  ::sigprocmask(SIG_BLOCK, &awaited, nullptr);
  signals_.reset(::signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK));
  int ends[2];
  if (!signals_ || ::pipe2(ends, O_CLOEXEC) != 0) {
    return base::fail(base::Error::from_errno(errno, "prepare the supervisor"));
  }
  output_.reset(ends[0]);
  output_source_.reset(ends[1]);
  // Opening /dev/stdout asks for permission on the pipe itself.
  if (const auto& user = order_.user;
      user && ::fchown(output_source_.get(), user->uid, user->gid) != 0) {
    return base::fail(base::Error::from_errno(errno, "give its output to the instance"));
  }
  ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);  // our end only: the instance's writes may wait
  return {};
}

Result<> Supervisor::start_instance() {
  PIPELINE_ASSIGN(
      instance_, host::spawn({.program = "/proc/self/exe",
                              .arguments = become_arguments(order_),
                              .env = environment_of(order_, directory_),
                              .directory = order_.directory,
                              .descriptors = {{1, output_source_.get()}, {2, output_source_.get()}},
                              .session = host::ChildSession::own}));
  started_at_ = Clock::now();
  return {};
}

Result<> Supervisor::remember() const {
  State state{*host::identify(::getpid()), std::nullopt, restarts_};
  if (instance_) state.instance = host::identify(instance_->pid());
  return write_state(directory_, state);
}

void Supervisor::run() {
  while (!is_over()) {
    wait_for_something();
    read_output();
    take_signals();
    look_after_instance();
    try_to_restart();
  }
  host::kill_descendants();
  read_output();
  static_cast<void>(remember());
}

bool Supervisor::is_over() const {
  return kill_at_ && !instance_;
}

std::optional<Supervisor::Time> Supervisor::next_deadline() const {
  return kill_at_ ? kill_at_ : restart_at_;
}

void Supervisor::wait_for_something() {
  int patience = -1;
  if (const auto deadline = next_deadline()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
    patience = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  }
  pollfd sources[] = {{signals_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}};
  ::poll(sources, 2, patience);
}

void Supervisor::read_output() {
  char bytes[65536];
  // A bounded number of reads, so that a flood of output cannot keep a signal waiting.
  for (int turn = 0; turn < 16; ++turn) {
    const ssize_t got = ::read(output_.get(), bytes, sizeof bytes);
    if (got <= 0) return;
    log_.append({bytes, static_cast<std::size_t>(got)});
  }
}

void Supervisor::take_signals() {
  signalfd_siginfo signal{};
  while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo != SIGCHLD && !kill_at_) begin_stopping();
  }
}

void Supervisor::begin_stopping() {
  kill_at_ = Clock::now() + order_.spec.stop.timeout;
  restart_at_.reset();
  // The whole group: `start` may be a shell that waits for the real program.
  if (instance_) ::kill(-instance_->pid(), order_.spec.stop.signal);
}

void Supervisor::look_after_instance() {
  host::reap_orphans(instance_ ? instance_->pid() : -1);
  if (!instance_) return;
  if (kill_at_ && Clock::now() >= *kill_at_) ::kill(-instance_->pid(), SIGKILL);
  const auto ended = instance_->wait_for(base::Duration(0));
  if (ended && *ended) instance_ended(**ended);
}

void Supervisor::instance_ended(const host::ExitStatus& status) {
  instance_.reset();
  host::kill_descendants();
  read_output();
  if (kill_at_) return;
  if (Clock::now() - started_at_ >= kStableAfter) delay_ = kFirstDelay;
  log_.append("pipeline-instance: the instance ended with " + status.to_string() +
              " and is started again in " + std::to_string(delay_.count()) + " ms\n");
  restart_at_ = Clock::now() + delay_;
  delay_ = std::min<std::chrono::milliseconds>(delay_ * 2, kLongestDelay);
  static_cast<void>(remember());  // the next state tells more; this one is for whoever looks now
}

void Supervisor::try_to_restart() {
  if (!restart_at_ || Clock::now() < *restart_at_) return;
  restart_at_.reset();
  ++restarts_;
  if (const auto started = start_instance(); !started) {
    log_.append("pipeline-instance: " + started.error().to_string() + "\n");
    restart_at_ = Clock::now() + delay_;
  }
  static_cast<void>(remember());
}

}  // namespace pipeline::deploy::process
