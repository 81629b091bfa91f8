#include "stages/host/process_identity.h"

#include <poll.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <sstream>

#include "stages/host/file.h"

namespace pipeline::host {

using base::Error;
using base::Result;

namespace {

// What /proc/<pid>/stat says, behind the command's name, which may hold anything.
struct ProcessStat {
  char state = 0;
  std::uint64_t start_ticks = 0;
};

std::optional<ProcessStat> read_stat(int pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  const auto name_end = text->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text->substr(name_end + 1));
  ProcessStat stat;
  fields >> stat.state;
  constexpr int kStateField = 3;
  constexpr int kStartField = 22;
  std::string skipped;
  for (int field = kStateField + 1; field < kStartField; ++field) fields >> skipped;
  fields >> stat.start_ticks;
  if (!fields) return std::nullopt;
  return stat;
}

const std::string& this_boot() {
  static const std::string id = [] {
    auto text = read_file("/proc/sys/kernel/random/boot_id").value_or("unknown\n");
    return text.substr(0, text.find('\n'));
  }();
  return id;
}

// A handle on exactly that process; empty when it is gone.
UniqueFd open_process(const ProcessIdentity& process) {
  UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  // The pid cannot change hands while we hold the descriptor, so comparing now settles it.
  if (fd && identify(process.pid) != process) fd.reset();
  return fd;
}

}  // namespace

std::string ProcessIdentity::to_text() const {
  return std::to_string(pid) + " " + std::to_string(start_ticks) + " " + boot + "\n";
}

std::optional<ProcessIdentity> ProcessIdentity::parse(std::string_view text) {
  std::istringstream fields{std::string(text)};
  ProcessIdentity process;
  fields >> process.pid >> process.start_ticks >> process.boot;
  if (!fields || process.pid <= 0) return std::nullopt;
  return process;
}

std::optional<ProcessIdentity> identify(int pid) {
  const auto stat = read_stat(pid);
  if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
  return ProcessIdentity{pid, stat->start_ticks, this_boot()};
}

bool is_alive(const ProcessIdentity& process) {
  return identify(process.pid) == process;
}

Result<> signal_process(const ProcessIdentity& process, int number) {
  const UniqueFd fd = open_process(process);
  if (!fd) return {};
  if (::syscall(SYS_pidfd_send_signal, fd.get(), number, nullptr, 0) == 0 || errno == ESRCH) {
    return {};
  }
  return base::fail(Error::from_errno(errno, "signal process " + std::to_string(process.pid)));
}

bool wait_until_gone(const ProcessIdentity& process, base::Duration patience) {
  const UniqueFd fd = open_process(process);
  if (!fd) return true;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left =
        std::chrono::ceil<base::Duration>(deadline - std::chrono::steady_clock::now());
    pollfd ended{fd.get(), POLLIN, 0};
    const int ready =
        ::poll(&ended, 1, static_cast<int>(std::max<base::Duration::rep>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0) return false;
  }
}

Result<> end_process(const ProcessIdentity& process, int number, base::Duration patience) {
  PIPELINE_TRY(signal_process(process, number));
  if (wait_until_gone(process, patience)) return {};
  PIPELINE_TRY(signal_process(process, SIGKILL));
  if (wait_until_gone(process, std::chrono::seconds(10))) return {};
  return base::fail(base::ErrorKind::io, "process " + std::to_string(process.pid) +
                                             " does not end, not even when killed");
}

}  // namespace pipeline::host
