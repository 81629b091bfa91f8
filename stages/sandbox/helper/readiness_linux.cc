#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>

#include "pipelines/base/text.h"
#include "stages/host/endpoint_probe.h"
#include "stages/host/exit_status.h"
#include "stages/host/file.h"
#include "stages/sandbox/helper/readiness.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::Result;
using std::chrono::steady_clock;

namespace {

// Many services are ready within milliseconds: the first looks come sooner than `interval` says.
constexpr std::chrono::milliseconds kFirstPause(10);
constexpr std::chrono::seconds kEndpointTimeout(5);
constexpr off_t kMostWords = 2048;

}  // namespace

Readiness::Readiness(const model::ReadySpec& spec, Shell& shell, host::UniqueFd words)
    : spec_(&spec),
      shell_(&shell),
      words_(std::move(words)),
      pause_(kFirstPause),
      next_(steady_clock::now()) {}

Result<Readiness> Readiness::create(const model::ReadySpec& spec, Shell& shell) {
  host::UniqueFd words(::memfd_create("words", MFD_CLOEXEC));
  if (!words) return base::fail(Error::from_errno(errno, "make a memory file"));
  return Readiness(spec, shell, std::move(words));
}

std::optional<Readiness::Time> Readiness::next_look() const {
  if (look_ >= 0) return std::nullopt;
  return next_;
}

void Readiness::look() {
  // A process of an earlier look that is still there writes behind what this one does.
  (void)::ftruncate(words_.get(), 0);
  ::lseek(words_.get(), 0, SEEK_SET);
  look_ = start_look();
  if (look_ >= 0) return;
  last_words_ = Error::from_errno(errno, "start a process").to_string();
  next_ = steady_clock::now() + pause_;
}

pid_t Readiness::start_look() {
  if (!spec_->endpoint) return shell_->start(spec_->command, words_.get());
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t look = ::fork();
  if (look == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);
    ::signal(SIGTERM, SIG_DFL);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    look_at_endpoint();
  }
  if (look > 0) ::setpgid(look, look);  // whichever of us comes first
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return look;
}

void Readiness::look_at_endpoint() const {
  const model::LoopbackEndpoint& endpoint = *spec_->endpoint;
  const std::vector<std::string> hosts = endpoint.host.empty()
                                             ? std::vector<std::string>{"127.0.0.1", "::1"}
                                             : std::vector<std::string>{endpoint.host};
  std::string words;
  for (const std::string& host : hosts) {
    const host::Address address{host, endpoint.port};
    const auto seen = host::probe_endpoint(address, endpoint.http_path, kEndpointTimeout);
    if (seen) ::_exit(0);
    if (!words.empty()) words += ", ";
    words += address.to_text() + ": " + seen.error().to_string();
  }
  (void)host::write_all(words_.get(), words);
  ::_exit(1);
}

Readiness::Seen Readiness::ended(pid_t process, int status) {
  if (process != look_) return Seen::nothing_of_ours;
  look_ = -1;
  const auto ended = host::ExitStatus::from_wait_status(status);
  if (ended.success()) return Seen::ready;
  last_words_ = what_it_said();
  if (last_words_.empty()) {
    last_words_ = "the command exited with " + std::to_string(ended.shell_code());
  }
  next_ = steady_clock::now() + pause_;
  pause_ = std::min(2 * pause_, std::chrono::milliseconds(spec_->interval));
  return Seen::not_ready;
}

std::string Readiness::what_it_said() const {
  std::string words(kMostWords, '\0');
  const off_t size = ::lseek(words_.get(), 0, SEEK_END);
  const ssize_t got =
      ::pread(words_.get(), words.data(), words.size(), std::max<off_t>(size - kMostWords, 0));
  words.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return std::string(base::trim(words));
}

void Readiness::end() const {
  if (look_ > 0) ::kill(-look_, SIGKILL);
}

void Readiness::give_up(int output) const {
  end();
  (void)host::write_all(output, "not ready: " + last_words_ + "\n");
}

}  // namespace pipeline::sandbox::helper
