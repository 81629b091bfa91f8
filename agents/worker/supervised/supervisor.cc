#include "agents/worker/supervised/supervisor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <vector>

#include "agents/link/ending.h"
#include "agents/link/report_file.h"
#include "agents/worker/supervised/stop_message.h"
#include "pipelines/base/reason.h"
#include "stages/host/packet.h"
#include "stages/host/packet_listener.h"

namespace pipeline::worker {

namespace {

using base::Result;

// Writes what the worker's threads report, and wakes whoever has to hear of it.
class WrittenReports final : public link::EventSink {
 public:
  WrittenReports(link::ReportWriter writer, MaskReport mask, const base::Clock& clock, int wake)
      : writer_(std::move(writer)), mask_(std::move(mask)), clock_(clock), wake_(wake) {}

  void post(run::EventBody event) override {
    const bool ends = std::holds_alternative<run::JobFinished>(event);
    {
      const std::scoped_lock guard(mutex_);
      mask_(event);
      // What cannot be written (a full disk) is lost; without an end whoever drives the run sees an
      // attempt that died.
      (void)writer_.append(event, clock_.now());
    }
    if (ends) ended_ = true;
    ::eventfd_write(wake_, 1);
  }
  bool ended() const { return ended_; }

 private:
  std::mutex mutex_;  // guards what follows
  link::ReportWriter writer_;
  const MaskReport mask_;
  const base::Clock& clock_;
  const int wake_;
  std::atomic<bool> ended_ = false;
};

// The coordinators that are connected: one, but for the moment in which another takes over.
class Callers {
 public:
  explicit Callers(int listener) : listener_(listener) {}
  // The end of the process closes them: whoever sees a connection end knows that nothing of the
  // attempt is left.
  ~Callers() {
    for (host::UniqueFd& caller : callers_) caller.release();
  }
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  // Waits until something happens at any of them, or at `wake`.
  void wait(int wake) {
    std::vector<pollfd> fds = {{wake, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const host::UniqueFd& caller : callers_) fds.push_back({caller.get(), POLLIN, 0});
    ::poll(fds.data(), fds.size(), -1);
  }
  void accept() {
    while (host::UniqueFd caller = host::accept_packets(listener_)) {
      nudge(caller.get());  // what was written before it came
      callers_.push_back(std::move(caller));
    }
  }
  void tell_of_more() {
    for (const host::UniqueFd& caller : callers_) nudge(caller.get());
  }
  template <class Take>
  void receive(const Take& take) {
    std::erase_if(callers_, [&](const host::UniqueFd& caller) { return is_gone(caller, take); });
  }

 private:
  // One that does not listen has been told often enough.
  static void nudge(int caller) { host::send_packet(caller, "+", 1, {}, MSG_DONTWAIT); }

  template <class Take>
  static bool is_gone(const host::UniqueFd& caller, const Take& take) {
    std::array<char, kMostStopBytes> bytes{};
    while (true) {
      const auto packet =
          host::receive_packet(caller.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (!packet) return errno != EAGAIN;
      if (packet->size == 0) return true;
      if (const auto stop = stop_message_from({bytes.data(), packet->size})) take(*stop);
    }
  }

  int listener_;
  std::vector<host::UniqueFd> callers_;
};

}  // namespace

std::filesystem::path control_socket_of(const std::filesystem::path& log_directory) {
  return log_directory / "control";
}

Result<> supervise(protocol::JobOrder order, const host::UniqueFd& listener,
                   const WorkerTools& tools, const MaskReport& mask, const base::Clock& clock) {
  const std::string job = order.job;
  const std::uint32_t attempt = order.attempt;
  const host::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return base::fail(base::Error::from_errno(errno, "make an eventfd"));
  PIPELINE_ASSIGN(link::ReportWriter writer, link::ReportWriter::open(order.log_directory));
  WrittenReports reports(std::move(writer), mask, clock, wake.get());
  Callers callers(listener.get());
  const auto worker = make_local_worker(tools);
  worker->start(std::move(order), reports);
  while (!reports.ended()) {
    callers.wait(wake.get());
    eventfd_t written = 0;
    ::eventfd_read(wake.get(), &written);
    callers.accept();
    callers.receive([&](const StopMessage& stop) {
      if (stop.now) {
        worker->stop_now(job, attempt);
      } else {
        worker->stop(job, attempt, stop.as, stop.reason);
      }
    });
    callers.tell_of_more();
  }
  return {};
}

Result<> report_errored(const protocol::JobOrder& order, const base::Error& error,
                        const base::Clock& clock) {
  PIPELINE_ASSIGN(link::ReportWriter writer, link::ReportWriter::open(order.log_directory));
  return writer.append(
      link::ending(order.job, order.attempt, run::JobStatus::errored, base::reason_of(error)),
      clock.now());
}

}  // namespace pipeline::worker
