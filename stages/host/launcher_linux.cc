#include "stages/host/launcher_linux.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_THREAD__)
// The thread sanitizer replaces clone() by one that takes every child for a fork: what it does
// there to its own state would, on shared memory, be done to the parent's, which then sees no
// synchronisation any more. It leaves glibc's other name for the function alone.
extern "C" int __clone(int (*main)(void*), void* stack, int flags, void* argument,
                       ...);  // NOLINT(*-reserved-identifier)
#define PIPELINE_NO_THREAD_SANITIZER __attribute__((no_sanitize_thread))
#else
#define PIPELINE_NO_THREAD_SANITIZER
#endif

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

// ---- the child's part ------------------------------------------------------------------------
// System calls themselves, not the functions around them: what stands in for those in some builds
// (sanitizers) keeps tables of descriptors and handlers, and here they are the parent's.

bool close_numbers(unsigned first, unsigned last) {
  return ::syscall(SYS_close_range, first, last, 0U) == 0;
}

bool arrange_descriptors(Child& child) {
  const auto& wanted = child.plan->descriptors;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    child.parked[i] =
        static_cast<int>(::syscall(SYS_fcntl, wanted[i].second, F_DUPFD_CLOEXEC, kParkingFloor));
    if (child.parked[i] < 0) return false;
  }
  unsigned next = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto target = static_cast<unsigned>(wanted[i].first);
    // Never the same number twice, which dup3 would refuse: targets lie below the parking floor.
    if (::syscall(SYS_dup3, child.parked[i], wanted[i].first, 0) < 0) return false;
    if (target > next && !close_numbers(next, target - 1)) return false;
    next = target + 1;
  }
  return close_numbers(next, ~0U);
}

void reset_signals(const sigset_t& mask) {
  // The kernel's own layout (handler, flags, restorer, mask): all zero is SIG_DFL and no flags.
  struct KernelAction {
    std::uintptr_t handler = 0, flags = 0, restorer = 0;
    std::uint64_t mask = 0;
  };
  const KernelAction standard;
  constexpr std::size_t kMaskSize = sizeof standard.mask;
  for (int number = 1; number < NSIG; ++number) {
    ::syscall(SYS_rt_sigaction, number, &standard, nullptr, kMaskSize);
  }
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, nullptr, kMaskSize);
}

bool prepare(Child& child) {
  const LaunchPlan& plan = *child.plan;
  if (plan.own_session && ::syscall(SYS_setsid) < 0) return false;
  if (!plan.directory.empty() && ::syscall(SYS_chdir, plan.directory.c_str()) != 0) return false;
  return arrange_descriptors(child);
}

// Never returns, so a sanitizer that notes calls must not note this one.
PIPELINE_NO_THREAD_SANITIZER int child_main(void* argument) {
  auto& child = *static_cast<Child*>(argument);
  reset_signals(child.mask);
  if (prepare(child)) {
    ::syscall(SYS_execve, child.plan->program.c_str(), child.argv.data(), child.env.data());
  }
  child.error = errno;
  ::_exit(127);
}

int clone_child(void* stack_top, Child& child, int& pidfd) {
  constexpr int kFlags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
#if defined(__SANITIZE_THREAD__)
  return ::__clone(child_main, stack_top, kFlags, &child, &pidfd);
#else
  return ::clone(child_main, stack_top, kFlags, &child, &pidfd);
#endif
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
  const int pid = clone_child(stack.top(), child, pidfd);
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
