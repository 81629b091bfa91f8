#include "stages/host/launcher_linux.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>

namespace pipeline::host {
namespace {

constexpr std::size_t kStackSize = std::size_t{64} << 10U;
// Above every number a plan asks for, so that moving descriptors there first makes the order of the
// dup2 calls irrelevant.
constexpr int kParkingFloor = 64;

struct Child {
  const LaunchPlan* plan = nullptr;
  std::vector<char*> argv;
  std::vector<char*> env;
  std::vector<int> parked{};
  sigset_t mask{};  // what the child starts with
  int error = 0;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  // execve takes char* for historical reasons and changes nothing.
  for (const auto& text : texts)
    result.push_back(const_cast<char*>(text.c_str()));  // NOLINT(*-const-cast)
  result.push_back(nullptr);
  return result;
}

bool arrange_descriptors(Child& child) {
  const auto& wanted = child.plan->descriptors;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    child.parked[i] = ::fcntl(wanted[i].second, F_DUPFD_CLOEXEC, kParkingFloor);
    if (child.parked[i] < 0) return false;
  }
  unsigned next = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto target = static_cast<unsigned>(wanted[i].first);
    if (::dup2(child.parked[i], wanted[i].first) < 0) return false;
    if (target > next && ::close_range(next, target - 1, 0) != 0) return false;
    next = target + 1;
  }
  return ::close_range(next, ~0U, 0) == 0;
}

void reset_signals(const sigset_t& mask) {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &standard, nullptr);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
}

bool prepare(Child& child) {
  const LaunchPlan& plan = *child.plan;
  if (plan.own_session && ::setsid() < 0) return false;
  if (!plan.directory.empty() && ::chdir(plan.directory.c_str()) != 0) return false;
  return arrange_descriptors(child);
}

int child_main(void* argument) {
  auto& child = *static_cast<Child*>(argument);
  reset_signals(child.mask);
  if (prepare(child)) {
    ::execve(child.plan->program.c_str(), child.argv.data(), child.env.data());
  }
  child.error = errno;
  ::_exit(127);
}

class Stack {
 public:
  Stack()
      : base_(::mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {}
  ~Stack() {
    if (valid()) ::munmap(base_, kStackSize);
  }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  bool valid() const { return base_ != MAP_FAILED; }
  void* top() const { return static_cast<std::byte*>(base_) + kStackSize; }

 private:
  void* base_;
};

}  // namespace

Launched launch(const LaunchPlan& plan) {
  Child child{.plan = &plan, .argv = pointers(plan.argv), .env = pointers(plan.env)};
  child.parked.resize(plan.descriptors.size(), -1);
  const Stack stack;
  if (!stack.valid()) return {.error = errno};
  ::sigemptyset(&child.mask);

  // A handler of ours must not run in the child, which shares our memory.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  const int pid = ::clone(child_main, stack.top(), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                          &child, &pidfd);
  const int clone_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);

  if (pid < 0) return {.error = clone_error};
  UniqueFd owned(pidfd);
  if (child.error != 0) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return {.error = child.error};
  }
  return {.pid = pid, .pidfd = std::move(owned), .error = 0};
}

}  // namespace pipeline::host
