#include "agents/agent/attempt_run.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agents/link/ending.h"
#include "agents/link/report_file.h"
#include "pipelines/base/reason.h"

namespace pipeline::agent {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using protocol::Instruction;

// How often is looked without anything having happened: logs of services are not watched.
constexpr int kLook = 1000;  // milliseconds
constexpr int kServerGone = 2000;
// Of one deployment: what kills every driver shall not be fed with them for ever.
constexpr std::uint32_t kMostDrivers = 5;

bool may_come_back(const Error& error) {
  return error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::timed_out ||
         error.kind() == ErrorKind::not_found;
}

// Readable when something in the directory changed. Where there is none, looking now and then has
// to do.
host::UniqueFd watch(const std::filesystem::path& directory) {
  host::UniqueFd files(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (files &&
      ::inotify_add_watch(files.get(), directory.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
    files.reset();
  return files;
}

void drain(int fd) {
  std::array<char, 4096> ignored{};
  while (::read(fd, ignored.data(), ignored.size()) > 0) {
  }
}

}  // namespace

class AttemptRun::Sink final : public link::EventSink {
 public:
  explicit Sink(AttemptRun& run) : run_(run) {}
  // What is reported is in the file: only an end might not be, when whoever wrote there died.
  void post(run::EventBody event) override {
    if (auto* const finished = std::get_if<run::JobFinished>(&event)) {
      const std::scoped_lock guard(run_.mutex_);
      run_.told_end_ = std::move(*finished);
    }
    run_.wake();
  }

 private:
  AttemptRun& run_;
};

Result<std::unique_ptr<AttemptRun>> AttemptRun::make(const AgentTools& tools, KeptAttempt kept) {
  host::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return base::fail(Error::from_errno(errno, "make an eventfd"));
  return std::unique_ptr<AttemptRun>(new AttemptRun(tools, std::move(kept), std::move(wake)));
}

void AttemptRun::wake() const {
  ::eventfd_write(wake_.get(), 1);
}

void AttemptRun::instruct(const Instruction& instruction) {
  if (instruction.kind == Instruction::Kind::drop) is_dropped_ = true;
  {
    const std::scoped_lock guard(mutex_);
    instructions_.push_back(instruction);
  }
  wake();
}

void AttemptRun::leave() {
  is_leaving_ = true;
  {
    const std::scoped_lock guard(mutex_);
    if (server_ != nullptr) server_->cancel();
  }
  wake();
}

run::JobFinished AttemptRun::errored(const Error& error) const {
  const auto& [run, job, attempt] = kept_.word.attempt;
  return link::ending(job, attempt, run::JobStatus::errored, base::reason_of(error));
}

std::optional<run::JobFinished> AttemptRun::told_end() {
  const std::scoped_lock guard(mutex_);
  return told_end_;
}

void AttemptRun::run(std::optional<protocol::Grant> grant) {
  const auto server = tools_.connect();
  {
    const std::scoped_lock guard(mutex_);
    server_ = server.get();
  }
  Sink sink(*this);
  auto link = tools_.make_link();
  const auto begun =
      link ? begin(**link, *server, std::move(grant), sink) : base::fail(link.error());
  if (!begun) {
    const std::scoped_lock guard(mutex_);
    if (!told_end_) told_end_ = errored(begun.error());
  }
  if (link) {
    follow(**link, *server, sink);
    if (is_leaving_) (*link)->leave(link::Link::Leaves::all);
  }
  {
    const std::scoped_lock guard(mutex_);
    server_ = nullptr;
  }
  if (!is_leaving_) {
    if (link) link->reset();  // nothing of the job is left on the machine then
    (void)AttemptKeep::forget(kept_);
  }
}

Result<> AttemptRun::begin(link::Link& link, ServerPort& server,
                           std::optional<protocol::Grant> grant, link::EventSink& sink) {
  return grant ? begin_new(link, server, *std::move(grant), sink) : take_up(link, sink);
}

Result<> AttemptRun::begin_new(link::Link& link, ServerPort& server, protocol::Grant grant,
                               link::EventSink& sink) {
  grant.order.log_directory = kept_.logs();
  auto fetched = tools_.supplies.fetch(server, grant);
  while (!fetched && may_come_back(fetched.error()) && !is_over()) {
    wait(-1, true);
    fetched = tools_.supplies.fetch(server, grant);
  }
  PIPELINE_TRY(fetched);
  if (is_over()) return {};
  if (std::holds_alternative<protocol::DeployOrder>(grant.order.work))
    PIPELINE_TRY(AttemptKeep::keep_order(kept_, grant.order));
  start(link, std::move(grant.order), sink);
  return {};
}

void AttemptRun::start(link::Link& link, protocol::JobOrder order, link::EventSink& sink) {
  if (auto* const deploy = std::get_if<protocol::DeployOrder>(&order.work)) {
    deploy->journal = tools_.journal;
    deploy->journal->fence = kept_.word.fence;
    ++drivers_;
  }
  link.start(std::move(order), sink);
}

bool AttemptRun::drive_again(link::Link& link, link::EventSink& sink) {
  if (is_over() || drivers_ >= kMostDrivers) return false;
  auto order = AttemptKeep::order_of(kept_);
  if (!order || !*order) return false;
  {
    const std::scoped_lock guard(mutex_);
    told_end_.reset();
  }
  start(link, **std::move(order), sink);
  return true;
}

Result<> AttemptRun::take_up(link::Link& link, link::EventSink& sink) {
  const auto& attempt = kept_.word.attempt;
  PIPELINE_ASSIGN(const auto reports,
                  link.resume({attempt.job, attempt.attempt, kept_.logs()}, sink));
  if (!reports) {
    const std::scoped_lock guard(mutex_);
    told_end_ = link::ending(attempt.job, attempt.attempt, run::JobStatus::errored,
                             "interrupted: the agent died before the job began");
    told_end_->unstarted = true;
    return {};
  }
  if (const auto* const finished = link::end_among(*reports)) {
    const std::scoped_lock guard(mutex_);
    told_end_ = *finished;
  }
  return {};
}

void AttemptRun::follow(link::Link& link, ServerPort& server, link::EventSink& sink) {
  Shipper shipper(kept_.logs(), kept_.word);
  const host::UniqueFd files = watch(kept_.logs());
  std::string trouble;
  while (true) {
    obey(link);
    if (is_over()) return;
    const auto brought = bring(shipper, server, [&] { return drive_again(link, sink); });
    if (brought && *brought) return;
    if (!brought && brought.error().kind() == ErrorKind::conflict) {
      is_dropped_ = true;
      return;
    }
    // Once, not with every try.
    const std::string now = brought ? "" : brought.error().to_string();
    if (!now.empty() && now != trouble && !is_leaving_)
      tools_.tell("job " + kept_.word.attempt.job + " of run " +
                  std::to_string(kept_.word.attempt.run) + ": " + now);
    trouble = now;
    wait(files.get(), !brought);
  }
}

void AttemptRun::obey(link::Link& link) {
  std::vector<Instruction> instructions;
  {
    const std::scoped_lock guard(mutex_);
    instructions.swap(instructions_);
  }
  const auto& attempt = kept_.word.attempt;
  for (const Instruction& instruction : instructions) {
    if (instruction.kind == Instruction::Kind::stop)
      link.stop(attempt.job, attempt.attempt, instruction.as, instruction.reason);
    else
      link.stop_now(attempt.job, attempt.attempt);
  }
}

Result<bool> AttemptRun::bring(Shipper& shipper, ServerPort& server,
                               const std::function<bool()>& drive_again) {
  const auto end = told_end();  // before the files are looked at: it is the last thing in them
  PIPELINE_TRY(shipper.ship(server));
  if (!shipper.end()) {
    if (!end || drive_again()) return false;
    PIPELINE_TRY(shipper.write_end(*end, tools_.clock));
  }
  const auto brought = tools_.supplies.bring(server, *shipper.end());
  if (!brought) {
    if (may_come_back(brought.error()) || is_leaving_) return base::fail(brought.error());
    Error error = brought.error();
    PIPELINE_TRY(shipper.write_end(errored(std::move(error).during("hand over what the job made")),
                                   tools_.clock));
  }
  PIPELINE_TRY(shipper.finish(server));
  return true;
}

void AttemptRun::wait(int files, bool is_server_gone) const {
  // While the server is gone every write would be another try.
  std::array<pollfd, 2> waiting = {pollfd{wake_.get(), POLLIN, 0},
                                   pollfd{is_server_gone ? -1 : files, POLLIN, 0}};
  ::poll(waiting.data(), waiting.size(), is_server_gone ? kServerGone : kLook);
  drain(wake_.get());
  if (waiting[1].revents != 0) drain(files);
}

}  // namespace pipeline::agent
