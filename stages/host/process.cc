#include "stages/host/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/process/v2/process.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "stages/host/file.h"
#include "stages/host/launcher_linux.h"

namespace pipeline::host {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

// Boost's handle wants an executor to belong to. Nothing ever runs on this one: waiting is done on
// the pidfd.
boost::asio::io_context& shared_context() {
  static boost::asio::io_context context;
  return context;
}

Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    std::string candidate(rest.substr(0, end));
    candidate += "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return base::fail(
      Error(ErrorKind::not_found, "no program of that name in PATH").during("start " + name));
}

std::vector<std::string> environment_of(const ProcessSpec& spec) {
  std::vector<std::string> result;
  if (!spec.env) {
    for (char** entry = environ; *entry != nullptr; ++entry) result.emplace_back(*entry);
    return result;
  }
  for (const auto& [name, value] : *spec.env) {
    result.emplace_back(name).append("=").append(value);
  }
  return result;
}

Result<std::optional<ExitStatus>> nothing_yet() {
  return std::optional<ExitStatus>();
}

}  // namespace

struct Process::Impl {
  using Handle = boost::process::v2::basic_process<boost::asio::io_context::executor_type>;
  explicit Impl(Handle child, UniqueFd watch, int id)
      : handle(std::move(child)), pidfd(std::move(watch)), pid(id) {}
  Handle handle;
  UniqueFd pidfd;  // our own: Boost registers its copy with a reactor
  int pid;
  std::optional<ExitStatus> ended;
};

Process::Process(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    const Process ends_here(std::move(*this));
    impl_ = std::move(other.impl_);
  }
  return *this;
}

Process::~Process() {
  if (!impl_ || impl_->ended || !impl_->handle.is_open()) return;
  // Failing to kill means that it has ended, failing to wait that somebody else has reaped it.
  (void)signal(SIGKILL);
  (void)wait();
}

void Process::abandon() {
  (void)impl_->handle.detach();
}

int Process::pid() const {
  return impl_->pid;
}
int Process::pidfd() const {
  return impl_->pidfd.get();
}

Result<> Process::signal(int number) const {
  // By pidfd: a recycled pid can never be hit.
  if (::syscall(SYS_pidfd_send_signal, impl_->pidfd.get(), number, nullptr, 0) != 0 &&
      errno != ESRCH) {
    return base::fail(Error::from_errno(errno, "signal process " + std::to_string(pid())));
  }
  return {};
}

Result<ExitStatus> Process::wait() {
  if (impl_->ended) return *impl_->ended;
  boost::process::v2::error_code error;
  impl_->handle.wait(error);
  if (error) {
    return base::fail(
        Error::from_errno(error.value(), "wait for process " + std::to_string(pid())));
  }
  impl_->ended = ExitStatus::from_wait_status(impl_->handle.native_exit_code());
  // Boost would otherwise signal the number again, which may be somebody else's by then.
  impl_->handle.detach();
  return *impl_->ended;
}

Result<std::optional<ExitStatus>> Process::wait_for(base::Duration patience) {
  if (impl_->ended) return impl_->ended;
  pollfd watched{.fd = impl_->pidfd.get(), .events = POLLIN, .revents = 0};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left =
        std::chrono::ceil<base::Duration>(deadline - std::chrono::steady_clock::now());
    const int ready =
        ::poll(&watched, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return base::fail(Error::from_errno(errno, "poll"));
    if (ready == 0) return nothing_yet();
    PIPELINE_ASSIGN(const ExitStatus status, wait());
    return std::optional<ExitStatus>(status);
  }
}

Result<Process> spawn(const ProcessSpec& spec) {
  LaunchPlan plan;
  PIPELINE_ASSIGN(plan.program, find_program(spec.program));
  plan.argv.push_back(spec.program);
  plan.argv.insert(plan.argv.end(), spec.arguments.begin(), spec.arguments.end());
  plan.env = environment_of(spec);
  plan.directory = spec.directory.string();
  plan.own_session = spec.session == ChildSession::own;

  auto descriptors = spec.descriptors;
  UniqueFd null;
  for (int standard = 0; standard <= 2; ++standard) {
    if (descriptors.contains(standard)) continue;
    if (!null) {
      PIPELINE_ASSIGN(null, open_file("/dev/null", O_RDWR));
    }
    descriptors.emplace(standard, null.get());
  }
  plan.descriptors.assign(descriptors.begin(), descriptors.end());

  Launched child = launch(plan);
  if (child.error != 0) return base::fail(Error::from_errno(child.error, "start " + spec.program));
  UniqueFd watch(::fcntl(child.pidfd.get(), F_DUPFD_CLOEXEC, 3));
  Process::Impl::Handle handle(shared_context().get_executor(), child.pid, child.pidfd.release());
  return Process(std::make_unique<Process::Impl>(std::move(handle), std::move(watch), child.pid));
}

}  // namespace pipeline::host
