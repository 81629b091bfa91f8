#include "agents/worker/supervised/supervised_worker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <thread>
#include <vector>

#include "agents/link/ending.h"
#include "agents/link/report_file.h"
#include "agents/protocol/job_order_json.h"
#include "agents/worker/supervised/stop_message.h"
#include "agents/worker/supervised/supervisor.h"
#include "pipelines/base/reason.h"
#include "stages/host/file.h"
#include "stages/host/packet.h"
#include "stages/host/packet_listener.h"

namespace pipeline::worker {

namespace {

using base::Result;

constexpr const char* kDied = "interrupted: the process that ran the job died";

run::JobFinished errored(const std::string& job, std::uint32_t attempt, std::string reason) {
  return link::ending(job, attempt, run::JobStatus::errored, std::move(reason));
}

// Memory, because it holds secrets; filled before there is a supervisor, so that one never has a
// part of it.
Result<host::UniqueFd> in_memory(const std::string& text) {
  host::UniqueFd memory(::memfd_create("order", MFD_CLOEXEC));
  if (!memory) return base::fail(base::Error::from_errno(errno, "make a file in memory"));
  PIPELINE_TRY(host::write_all(memory.get(), text));
  if (::lseek(memory.get(), 0, SEEK_SET) != 0) {
    return base::fail(base::Error::from_errno(errno, "rewind a file in memory"));
  }
  return memory;
}

// A deployment that is written down elsewhere is taken up there when its driver dies, not here.
bool has_supervisor(const protocol::JobOrder& order) {
  const auto* const deploy = std::get_if<protocol::DeployOrder>(&order.work);
  if (deploy != nullptr) return deploy->journal.has_value();
  return std::holds_alternative<protocol::CommandOrder>(order.work);
}

// An attempt whose supervisor lives, or died a moment ago.
struct Watched {
  std::string job;
  std::uint32_t attempt = 1;
  host::UniqueFd connection;
  link::ReportReader reports;
  link::EventSink* sink;
  std::optional<host::Process> process{};  // of one that was started here, none if taken up
  bool ended = false;                      // its JobFinished was seen
};

class SupervisedWorker final : public link::Link {
 public:
  SupervisedWorker(std::unique_ptr<link::Link> inner, StartSupervisor start, host::UniqueFd wake)
      : inner_(std::move(inner)),
        start_(std::move(start)),
        wake_(std::move(wake)),
        thread_([this] { serve(); }) {}

  ~SupervisedWorker() override {
    {
      const std::scoped_lock guard(mutex_);
      closing_ = true;
      std::erase_if(watched_, [this](const auto& one) { return is_left(*one); });
      for (const auto& one : watched_) send(*one, {.now = true, .reason = {}});
    }
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
  }
  SupervisedWorker(const SupervisedWorker&) = delete;
  SupervisedWorker& operator=(const SupervisedWorker&) = delete;

  void start(protocol::JobOrder order, link::EventSink& sink) override;
  Result<std::optional<std::vector<run::Event>>> resume(const link::EarlierAttempt& earlier,
                                                        link::EventSink& sink) override;
  void stop(const std::string& job, std::uint32_t attempt, run::JobStatus as,
            const std::string& reason) override {
    if (!tell(job, attempt, {.as = as, .reason = reason})) inner_->stop(job, attempt, as, reason);
  }
  void stop_now(const std::string& job, std::uint32_t attempt) override {
    if (!tell(job, attempt, {.now = true, .reason = {}})) inner_->stop_now(job, attempt);
  }
  void leave(Leaves which) override {
    const std::scoped_lock guard(mutex_);
    leaving_ = which;
  }

 private:
  Result<> launch(const protocol::JobOrder& order, link::EventSink& sink);
  void watch(std::shared_ptr<Watched> one);
  bool tell(const std::string& job, std::uint32_t attempt, const StopMessage& message);
  static void send(const Watched& to, const StopMessage& message);
  void serve();
  std::vector<std::shared_ptr<Watched>> wait_for_news();
  // Whether it goes on without us; it is then let go.
  bool is_left(Watched& one) const {
    if (!leaving_ || (one.process && *leaving_ != Leaves::all)) return false;
    if (one.process) one.process->abandon();
    return true;
  }
  static bool is_gone(const Watched& one);
  void hear(const std::shared_ptr<Watched>& one);

  const std::unique_ptr<link::Link> inner_;
  const StartSupervisor start_;
  const host::UniqueFd wake_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<Watched>> watched_;
  bool closing_ = false;
  std::optional<Leaves> leaving_;
  std::thread thread_;  // last: it uses the others
};

void SupervisedWorker::start(protocol::JobOrder order, link::EventSink& sink) {
  if (!has_supervisor(order)) {
    return inner_->start(std::move(order), sink);
  }
  order.another_may_follow = false;  // not in that process
  if (const auto launched = launch(order, sink); !launched) {
    sink.post(errored(order.job, order.attempt, base::reason_of(launched.error())));
  }
}

// Connected before there is anybody who could accept it: the connection then ends when the
// supervisor does, at whatever moment that is.
Result<> SupervisedWorker::launch(const protocol::JobOrder& order, link::EventSink& sink) {
  const auto control = control_socket_of(order.log_directory);
  PIPELINE_ASSIGN(const host::UniqueFd listener, host::listen_for_packets(control));
  PIPELINE_ASSIGN(auto connection, host::connect_for_packets(control));
  if (!connection) return base::fail(base::ErrorKind::io, control.string() + " went away");
  PIPELINE_ASSIGN(const host::UniqueFd memory, in_memory(protocol::to_json(order)));
  PIPELINE_ASSIGN(host::Process process, start_(order, memory.get(), listener.get()));
  watch(std::make_shared<Watched>(Watched{.job = order.job,
                                          .attempt = order.attempt,
                                          .connection = *std::move(connection),
                                          .reports = link::ReportReader(order.log_directory),
                                          .sink = &sink,
                                          .process = std::move(process)}));
  return {};
}

Result<std::optional<std::vector<run::Event>>> SupervisedWorker::resume(
    const link::EarlierAttempt& earlier, link::EventSink& sink) {
  // Asked before the file is read: whoever is gone writes nothing after that.
  PIPELINE_ASSIGN(auto connection,
                  host::connect_for_packets(control_socket_of(earlier.log_directory)));
  link::ReportReader reader(earlier.log_directory);
  PIPELINE_ASSIGN(std::vector<run::Event> reports, reader.read());
  if (!connection && reports.empty()) return std::nullopt;
  const bool ended = link::end_among(reports) != nullptr;
  if (connection) {
    watch(std::make_shared<Watched>(Watched{.job = earlier.job,
                                            .attempt = earlier.attempt,
                                            .connection = *std::move(connection),
                                            .reports = std::move(reader),
                                            .sink = &sink,
                                            .ended = ended}));
  } else if (!ended) {
    const run::Event& last = reports.back();
    reports.push_back({last.sequence + 1, last.at, errored(earlier.job, earlier.attempt, kDied)});
  }
  return reports;
}

void SupervisedWorker::watch(std::shared_ptr<Watched> one) {
  {
    const std::scoped_lock guard(mutex_);
    watched_.push_back(std::move(one));
  }
  ::eventfd_write(wake_.get(), 1);
}

bool SupervisedWorker::tell(const std::string& job, std::uint32_t attempt,
                            const StopMessage& message) {
  const std::scoped_lock guard(mutex_);
  const auto found = std::ranges::find_if(
      watched_, [&](const auto& one) { return one->job == job && one->attempt == attempt; });
  if (found == watched_.end()) return false;
  send(**found, message);
  return true;
}

// Fails when it is gone, which shall be heard of, and when it has not listened to a hundred others.
void SupervisedWorker::send(const Watched& to, const StopMessage& message) {
  const std::string packet = to_packet(message);
  host::send_packet(to.connection.get(), packet.data(), packet.size(), {}, MSG_DONTWAIT);
}

void SupervisedWorker::serve() {
  while (true) {
    for (const auto& one : wait_for_news()) hear(one);
    const std::scoped_lock guard(mutex_);
    if (closing_ && watched_.empty()) return;
  }
}

std::vector<std::shared_ptr<Watched>> SupervisedWorker::wait_for_news() {
  std::vector<std::shared_ptr<Watched>> all;
  {
    const std::scoped_lock guard(mutex_);
    if (closing_ && watched_.empty()) return {};
    all = watched_;
  }
  std::vector<pollfd> fds = {{wake_.get(), POLLIN, 0}};
  for (const auto& one : all) fds.push_back({one->connection.get(), POLLIN, 0});
  ::poll(fds.data(), fds.size(), -1);
  eventfd_t woken = 0;
  if (fds.front().revents != 0) ::eventfd_read(wake_.get(), &woken);
  std::vector<std::shared_ptr<Watched>> heard;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (fds[i + 1].revents != 0) heard.push_back(all[i]);
  }
  return heard;
}

// Takes the wake-ups; what they are for is in the file.
bool SupervisedWorker::is_gone(const Watched& one) {
  std::array<char, 16> ignored{};
  while (true) {
    const auto packet =
        host::receive_packet(one.connection.get(), ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (!packet) return errno != EAGAIN;
    if (packet->size == 0) return true;
  }
}

void SupervisedWorker::hear(const std::shared_ptr<Watched>& one) {
  // Asked before the file is read: whoever is gone writes nothing after that.
  const bool gone = is_gone(*one);
  auto reports = one->reports.read();
  if (reports) {
    one->ended = one->ended || link::end_among(*reports) != nullptr;
    for (run::Event& report : *reports) one->sink->post(std::move(report.body));
  }
  if (!gone) return;
  if (one->process) (void)one->process->wait();
  if (!one->ended) one->sink->post(errored(one->job, one->attempt, kDied));
  const std::scoped_lock guard(mutex_);
  std::erase(watched_, one);
}

}  // namespace

Result<std::unique_ptr<link::Link>> make_supervised_worker(std::unique_ptr<link::Link> inner,
                                                           StartSupervisor start) {
  host::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return base::fail(base::Error::from_errno(errno, "make an eventfd"));
  return std::make_unique<SupervisedWorker>(std::move(inner), std::move(start), std::move(wake));
}

}  // namespace pipeline::worker
