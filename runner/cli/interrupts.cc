#include "runner/cli/interrupts.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace pipeline::cli {

namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

base::Result<std::unique_ptr<Interrupts>> Interrupts::watch(Handler handler,
                                                            std::function<void()> on_hangup) {
  const sigset_t set = watched_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): it cannot fail for a valid signal
  host::UniqueFd signals(::signalfd(-1, &set, SFD_CLOEXEC));
  host::UniqueFd stop(::eventfd(0, EFD_CLOEXEC));
  if (!signals || !stop) return base::fail(base::Error::from_errno(errno, "watch for signals"));
  return std::unique_ptr<Interrupts>(new Interrupts(std::move(handler), std::move(on_hangup),
                                                    std::move(signals), std::move(stop)));
}

Interrupts::Interrupts(Handler handler, std::function<void()> on_hangup, host::UniqueFd signals,
                       host::UniqueFd stop)
    : handler_(std::move(handler)),
      on_hangup_(std::move(on_hangup)),
      signals_(std::move(signals)),
      stop_(std::move(stop)),
      thread_([this] { listen(); }) {}

Interrupts::~Interrupts() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
  const sigset_t set = watched_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Interrupts::listen() {
  int count = 0;
  std::array<pollfd, 2> fds = {pollfd{signals_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
  while (true) {
    if (::poll(fds.data(), fds.size(), -1) < 0) continue;
    if (fds[1].revents != 0) return;
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != sizeof info) continue;
    if (info.ssi_signo == SIGHUP && on_hangup_)
      on_hangup_();
    else
      handler_(++count);
  }
}

}  // namespace pipeline::cli
