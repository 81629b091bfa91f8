#include "stages/host/descendants.h"

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

std::vector<int> descendants() {
  std::vector<int> all = children_of(::getpid());
  for (std::size_t at = 0; at < all.size(); ++at) {
    const auto more = children_of(all[at]);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace

void signal_descendants(int number) {
  for (const int pid : descendants()) ::kill(pid, number);
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
