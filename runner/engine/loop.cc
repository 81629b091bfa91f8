#include "runner/engine/loop.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace pipeline::engine {

namespace {

using base::Result;

// How often a run that waits looks whether it is its turn. Others of its group take seconds and
// longer.
constexpr base::Duration kLookEvery{50};

std::string why_interrupted(RunGate* gate) {
  const std::string why = gate == nullptr ? std::string() : gate->why_interrupted();
  return why.empty() ? "interrupted by the user" : why;
}

// Async-signal-safe. A full counter already wakes the loop.
void wake_up(int event_fd) noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_fd, &one, sizeof one);
}

// Rounded up, so that the deadline has passed when the wait is over; -1 waits for ever.
int poll_timeout(std::optional<base::TimePoint> until, base::TimePoint now) {
  if (!until) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

}  // namespace

Result<std::unique_ptr<Loop>> Loop::make() {
  host::UniqueFd event_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event_fd) return base::fail(base::Error::from_errno(errno, "make an eventfd"));
  return std::unique_ptr<Loop>(new Loop(std::move(event_fd)));
}

void Loop::post(run::EventBody event) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(event));
  // The loop takes all that was posted at once: only the first has to wake it.
  if (posted_.size() == 1) wake_up(event_fd_.get());
}

void Loop::interrupt() noexcept {
  interrupts_.fetch_add(1);
  wake_up(event_fd_.get());
}

void Loop::wake() noexcept {
  wake_up(event_fd_.get());
}

void Loop::wait(std::optional<base::TimePoint> until, const base::Clock& clock) const {
  pollfd waited{.fd = event_fd_.get(), .events = POLLIN, .revents = 0};
  // An interrupted poll is as good as a wake-up: the caller looks at everything again.
  if (::poll(&waited, 1, poll_timeout(until, clock.now())) <= 0) return;
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = ::read(event_fd_.get(), &count, sizeof count);
}

std::vector<run::EventBody> Loop::take_posted() {
  const std::lock_guard lock(mutex_);
  return std::exchange(posted_, {});
}

Result<> Loop::look_at(RunGate& gate, Engine& engine) {
  PIPELINE_ASSIGN(const RunGate::Look seen, gate.look());
  if (const auto* closed = std::get_if<RunGate::Closed>(&seen)) return engine.wait(closed->why);
  if (const auto* superseded = std::get_if<RunGate::Superseded>(&seen)) {
    return engine.cancel(superseded->why);
  }
  return engine.begin();
}

Result<> Loop::run(Engine& engine, const base::Clock& clock, const std::function<bool()>& leave,
                   RunGate* gate) {
  int interrupts_seen = 0;
  while (!engine.finished()) {
    if (const std::vector<run::EventBody> reports = take_posted(); !reports.empty()) {
      PIPELINE_TRY(engine.handle(reports));
    }
    for (const int interrupts = interrupts_.load(); interrupts_seen < interrupts;
         ++interrupts_seen) {
      PIPELINE_TRY(engine.cancel(why_interrupted(gate)));
    }
    if (gate != nullptr && engine.waits_for_group()) PIPELINE_TRY(look_at(*gate, engine));
    if (const auto due = engine.deadline(); due && *due <= clock.now()) {
      PIPELINE_TRY(engine.advance());
    }
    if (leave && leave()) return {};
    if (engine.finished()) break;
    wait(engine.waits_for_group() ? clock.now() + kLookEvery : engine.deadline(), clock);
  }
  return {};
}

}  // namespace pipeline::engine
