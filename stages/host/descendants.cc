#include "stages/host/descendants.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "stages/host/file.h"

namespace pipeline::host {

namespace {

struct Descendant {
  int pid = 0;
  int parent = 0;
};

std::vector<int> children_of(int parent) {
  std::vector<int> children;
  std::error_code ignored;  // it may end while we look
  const auto tasks = std::filesystem::path("/proc") / std::to_string(parent) / "task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, ignored)) {
    std::istringstream text(read_file(task.path() / "children").value_or(""));
    for (int child = 0; text >> child;) children.push_back(child);
  }
  return children;
}

std::vector<Descendant> descendants() {
  std::vector<Descendant> all = {{.pid = ::getpid(), .parent = 0}};
  for (std::size_t at = 0; at < all.size(); ++at) {
    const int parent = all[at].pid;
    for (const int child : children_of(parent)) all.push_back({.pid = child, .parent = parent});
  }
  all.erase(all.begin());
  return all;
}

// By pidfd, and only while it still is a child of whose child it was: its number may be somebody
// else's by now.
void signal(const Descendant& descendant, int number) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, descendant.pid, 0)));
  const auto siblings = children_of(descendant.parent);
  if (!process || std::find(siblings.begin(), siblings.end(), descendant.pid) == siblings.end()) {
    return;
  }
  ::syscall(SYS_pidfd_send_signal, process.get(), number, nullptr, 0);
}

}  // namespace

// Who lost its parent meanwhile is our child by then: whoever must reach all of them asks again.
void signal_descendants(int number) {
  for (const Descendant& descendant : descendants()) signal(descendant, number);
}

void kill_descendants() {
  constexpr auto kPatience = std::chrono::seconds(1);
  auto last_progress = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - last_progress < kPatience) {
    signal_descendants(SIGKILL);
    const pid_t reaped = ::waitpid(-1, nullptr, WNOHANG);
    if (reaped < 0) return;  // no child is left, so neither is any descendant
    if (reaped > 0) {
      last_progress = std::chrono::steady_clock::now();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
  }
}

void reap_orphans(int keep) {
  for (;;) {
    siginfo_t ended{};
    if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0 ||
        ended.si_pid == keep) {
      return;
    }
    ::waitpid(ended.si_pid, nullptr, 0);
  }
}

}  // namespace pipeline::host
