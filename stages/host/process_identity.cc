#include "stages/host/process_identity.h"

#include <poll.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <vector>

#include "stages/host/file.h"

namespace pipeline::host {

using base::Error;
using base::Result;

namespace {

constexpr auto kKillPatience = std::chrono::seconds(10);

// What /proc/<pid>/stat says, behind the command's name, which may hold anything.
struct ProcessStat {
  char state = 0;
  int session = 0;
  int threads = 0;
  std::uint64_t start_ticks = 0;

  // The first thread may have ended before the others, which hold what the process has open.
  bool is_over() const { return (state == 'Z' || state == 'X') && threads <= 1; }
};

std::optional<ProcessStat> parse_stat(const std::string& text) {
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  ProcessStat stat;
  int parent = 0;
  int group = 0;
  fields >> stat.state >> parent >> group >> stat.session;
  constexpr int kSessionField = 6;
  constexpr int kThreadsField = 20;
  std::string skipped;
  for (int field = kSessionField + 1; field < kThreadsField; ++field) fields >> skipped;
  fields >> stat.threads >> skipped >> stat.start_ticks;
  if (!fields) return std::nullopt;
  return stat;
}

// None when there is no such process. That it cannot be looked at, for want of a descriptor, does
// not mean that it is gone.
Result<std::optional<ProcessStat>> read_stat(int pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (text) return parse_stat(*text);
  if (text.error().kind() == base::ErrorKind::not_found) return std::nullopt;
  return tl::unexpected(text.error());
}

const std::string& this_boot() {
  static const std::string id = [] {
    auto text = read_file("/proc/sys/kernel/random/boot_id").value_or("unknown\n");
    return text.substr(0, text.find('\n'));
  }();
  return id;
}

Result<bool> lives(const ProcessIdentity& process) {
  PIPELINE_ASSIGN(const auto stat, read_stat(process.pid));
  return stat && !stat->is_over() && stat->start_ticks == process.start_ticks &&
         this_boot() == process.boot;
}

// A handle on exactly that process; empty when it is gone.
Result<UniqueFd> open_process(const ProcessIdentity& process) {
  UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!fd && errno == ESRCH) return fd;
  if (!fd)
    return base::fail(Error::from_errno(errno, "watch process " + std::to_string(process.pid)));
  // The pid cannot change hands while we hold the descriptor, so comparing now settles it.
  PIPELINE_ASSIGN(const bool same, lives(process));
  if (!same) fd.reset();
  return fd;
}

Result<bool> is_gone_within(const ProcessIdentity& process, base::Duration patience) {
  PIPELINE_ASSIGN(const UniqueFd fd, open_process(process));
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

// Who is left in the session of a leader that is gone. A session keeps its number from being given
// to a new process, so where somebody has the pid again, nobody was left.
Result<std::vector<ProcessIdentity>> left_in_session(const ProcessIdentity& leader) {
  std::vector<ProcessIdentity> members;
  if (leader.boot != this_boot()) return members;
  PIPELINE_ASSIGN(const auto now, read_stat(leader.pid));
  if (now && now->start_ticks != leader.start_ticks) return members;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const int pid = std::stoi(name);
    PIPELINE_ASSIGN(const auto stat, read_stat(pid));
    if (!stat || stat->is_over() || stat->session != leader.pid) continue;
    if (stat->start_ticks < leader.start_ticks) continue;
    members.push_back({pid, stat->start_ticks, this_boot()});
  }
  if (error) return base::fail(Error::from_errno(error.value(), "list /proc"));
  return members;
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
  if (!stat || !*stat || (*stat)->is_over()) return std::nullopt;
  return ProcessIdentity{pid, (*stat)->start_ticks, this_boot()};
}

bool is_alive(const ProcessIdentity& process) {
  // Whoever has the pid, when we cannot look closer: rather a stranger waited for than a process
  // forgotten.
  return lives(process).value_or(::kill(process.pid, 0) == 0 || errno != ESRCH);
}

Result<> signal_process(const ProcessIdentity& process, int number) {
  PIPELINE_ASSIGN(const UniqueFd fd, open_process(process));
  if (!fd) return {};
  if (::syscall(SYS_pidfd_send_signal, fd.get(), number, nullptr, 0) == 0 || errno == ESRCH) {
    return {};
  }
  return base::fail(Error::from_errno(errno, "signal process " + std::to_string(process.pid)));
}

bool wait_until_gone(const ProcessIdentity& process, base::Duration patience) {
  return is_gone_within(process, patience).value_or(false);
}

Result<> end_process(const ProcessIdentity& process, int number, base::Duration patience) {
  PIPELINE_TRY(signal_process(process, number));
  PIPELINE_ASSIGN(const bool obeyed, is_gone_within(process, patience));
  if (obeyed) return {};
  PIPELINE_TRY(signal_process(process, SIGKILL));
  PIPELINE_ASSIGN(const bool gone, is_gone_within(process, kKillPatience));
  if (gone) return {};
  return base::fail(base::ErrorKind::io, "process " + std::to_string(process.pid) +
                                             " does not end, not even when killed");
}

Result<> end_session(const ProcessIdentity& leader) {
  const auto deadline = std::chrono::steady_clock::now() + kKillPatience;
  for (;;) {
    // Again and again: one may have forked while we looked.
    PIPELINE_ASSIGN(const auto members, left_in_session(leader));
    if (members.empty()) return {};
    if (std::chrono::steady_clock::now() >= deadline) break;
    for (const auto& member : members) PIPELINE_TRY(signal_process(member, SIGKILL));
    for (const auto& member : members) {
      PIPELINE_TRY(is_gone_within(member, std::chrono::seconds(1)));
    }
  }
  return base::fail(base::ErrorKind::io, "the session of process " + std::to_string(leader.pid) +
                                             " does not end, not even when killed");
}

}  // namespace pipeline::host
