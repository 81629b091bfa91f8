// pipeline-instance INSTANCE_DIRECTORY
//
// The supervisor of one instance. It reads order.json of the directory
// (stages/deploy/process/order.h) and becomes a daemon: the started process ends with status 0 once
// the instance was started and state.json says so, or with status 1 and one line on standard error.
//
// What it promises:
//  1. One supervisor per directory: a second one finds the lock held and ends with status 1.
//  2. The instance runs `/bin/sh -c START` in the release's directory, in a session of its own,
//  with
//     the order's environment plus PATH, HOME and LANG and nothing of ours, standard input empty,
//     no other descriptors, no way to gain privileges, and as the order's user.
//  3. When it ends without having been asked to, everything that descends from it is killed and it
//  is
//     started again after 0.1 s, doubled for each time that it lived less than 10 s, at most 30 s.
//  4. What it prints goes to output.log; past 1 MiB that becomes output.log.1.
//  5. On TERM or INT the order's signal goes to the instance's process group; when the instance has
//     ended, or its time is over, everything that descends from it is killed, and the supervisor
//     ends.
//  6. When the supervisor itself is killed, the kernel kills the instance's first process, the one
//     that it started. What that one had started lives on until ProcessTarget::stop() or the next
//     start() of the instance kills all that is left of its session; only what had also left the
//     session is not found any more.
//
// pipeline-instance --become UID GID PARENT START  is its second form, which it runs itself as: the
// last step before the instance's shell (become.h).
#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "stages/deploy/process/order.h"
#include "stages/deploy/process/supervisor/become.h"
#include "stages/deploy/process/supervisor/supervisor.h"
#include "stages/host/file.h"

namespace {

namespace process = pipeline::deploy::process;
using pipeline::base::Result;
using pipeline::host::UniqueFd;

int complain(const std::string& reason) {
  std::fprintf(stderr, "%s\n", reason.c_str());
  return 1;
}

Result<UniqueFd> lock(const std::filesystem::path& directory) {
  PIPELINE_ASSIGN(UniqueFd fd, pipeline::host::open_file(directory / process::kLockFile,
                                                         O_CREAT | O_RDWR, 0600));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  return pipeline::base::fail(pipeline::base::ErrorKind::conflict,
                              "another supervisor of this instance lives");
}

// The daemon's side: whatever goes wrong before the instance runs is told through `ready`.
int supervise(const std::filesystem::path& directory, const process::Order& order, UniqueFd ready) {
  ::setsid();
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int standard = 0; standard <= 2; ++standard) ::dup2(nothing.get(), standard);
  const auto tell = [&ready](std::string_view words) {
    static_cast<void>(pipeline::host::write_all(ready.get(), words));
    ready.reset();
  };
  const auto held = lock(directory);
  if (!held) {
    tell(held.error().to_string());
    return 1;
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  process::Supervisor supervisor(directory, order);
  if (const auto started = supervisor.start(); !started) {
    tell(started.error().to_string());
    return 1;
  }
  tell("ok");
  supervisor.run();
  return 0;
}

// Leaves a daemon behind that is nobody's child, so that nobody has to reap it.
int daemonize(const std::filesystem::path& directory, const process::Order& order) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return complain(std::strerror(errno));
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const pid_t child = ::fork();  // nothing else runs in this process: fork is safe
  if (child < 0) return complain(std::strerror(errno));
  if (child == 0) {
    reading.reset();
    return supervise(directory, order, std::move(writing));
  }
  writing.reset();
  const auto answer = pipeline::host::read_all(reading.get()).value_or("");
  if (answer == "ok") return 0;
  return complain(answer.empty() ? "the supervisor died" : answer);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--become") == 0) return process::become(argc, argv);
  if (argc != 2) return complain("usage: pipeline-instance INSTANCE_DIRECTORY");
  const auto order = process::read_order(argv[1]);
  if (!order) return complain(order.error().to_string());
  return daemonize(argv[1], *order);
}
