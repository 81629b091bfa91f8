#include "runner/cli/detachment.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "stages/host/exit_status.h"
#include "stages/host/file.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::Result;

Result<> become(int wanted, int by) {
  if (::dup2(by, wanted) >= 0) return {};
  return base::fail(Error::from_errno(errno, "leave the terminal"));
}

}  // namespace

Result<std::unique_ptr<Detachment>> Detachment::split() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::fail(Error::from_errno(errno, "make a pipe"));
  host::UniqueFd to_read(ends[0]);
  host::UniqueFd to_write(ends[1]);
  PIPELINE_ASSIGN(host::UniqueFd nowhere, host::open_file("/dev/null", O_WRONLY));
  const int child = ::fork();
  if (child < 0) return base::fail(Error::from_errno(errno, "start a process"));
  if (child > 0) {
    return std::unique_ptr<Detachment>(new Detachment(child, std::move(to_read)));
  }
  std::unique_ptr<Detachment> other(new Detachment(0, std::move(to_write)));
  other->console_.emplace(nowhere.get(), nowhere.get(), ColorWish::never);
  other->words_ = std::move(nowhere);
  return other;
}

std::variant<run::RunId, ExitCode> Detachment::wait() {
  run::RunId run = 0;
  ssize_t got = 0;
  do {
    got = ::read(pipe_.get(), &run, sizeof run);
  } while (got < 0 && errno == EINTR);
  if (got == sizeof run) return run;
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  return static_cast<ExitCode>(host::ExitStatus::from_wait_status(status).shell_code());
}

Result<> Detachment::leave_session() {
  if (::getsid(0) == ::getpid() || ::setsid() >= 0) return {};
  return base::fail(Error::from_errno(errno, "leave the terminal"));
}

Result<> Detachment::leave(run::RunId run, const std::filesystem::path& log) {
  PIPELINE_ASSIGN(const host::UniqueFd file,
                  host::open_file(log, O_WRONLY | O_CREAT | O_APPEND, 0600));
  PIPELINE_ASSIGN(const host::UniqueFd nothing, host::open_file("/dev/null", O_RDONLY));
  PIPELINE_TRY(leave_session());
  if (::dup3(file.get(), words_.get(), O_CLOEXEC) < 0) {
    return base::fail(Error::from_errno(errno, "leave the terminal"));
  }
  PIPELINE_TRY(become(STDIN_FILENO, nothing.get()));
  PIPELINE_TRY(become(STDOUT_FILENO, file.get()));
  PIPELINE_TRY(become(STDERR_FILENO, file.get()));
  return name(run);
}

Result<> Detachment::name(run::RunId run) {
  // Whoever waited may have been interrupted; that changes nothing.
  [[maybe_unused]] const ssize_t written = ::write(pipe_.get(), &run, sizeof run);
  pipe_.reset();
  return {};
}

}  // namespace pipeline::cli
