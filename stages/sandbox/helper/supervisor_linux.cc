#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "pipelines/base/duration.h"
#include "pipelines/base/size.h"
#include "stages/host/descendants.h"
#include "stages/host/exit_status.h"
#include "stages/host/job_user.h"
#include "stages/sandbox/helper/supervisor.h"

namespace pipeline::sandbox::helper {

using base::Result;
using std::chrono::steady_clock;

namespace {

enum Watch : std::size_t { control, signals, channel, output, pidfd, count };

Result<> give_workspace(const WorkspaceMount& workspace) {
  PIPELINE_TRY(host::give_to_job_user(workspace.upper));
  return host::give_to_job_user(workspace.scratch);
}

}  // namespace

Supervisor::Supervisor(const SandboxPlan& plan, int control, int signals, Output output,
                       DiskWatch disk, PreparedJob job)
    : plan_(plan),
      control_(control),
      signals_(signals),
      output_(std::move(output)),
      services_(plan),
      disk_(std::move(disk)),
      cgroup_(std::move(job.cgroup)),
      channel_(std::move(job.channel)),
      job_(std::move(job.process)) {}

Result<std::unique_ptr<Supervisor>> Supervisor::create(const Order& order, int order_memory,
                                                       int control, int signals, PreparedJob job) {
  const SandboxPlan& plan = order.plan;
  PIPELINE_ASSIGN(Output output, Output::create(plan.log_directory, plan, std::move(job.output)));
  PIPELINE_TRY(give_workspace(plan.workspace));
  PIPELINE_ASSIGN(DiskWatch disk, DiskWatch::create(plan.workspace, plan.limits.disk));
  std::unique_ptr<Supervisor> supervisor(
      new Supervisor(plan, control, signals, std::move(output), std::move(disk), std::move(job)));
  PIPELINE_TRY(supervisor->start(order_memory));
  return supervisor;
}

Result<> Supervisor::start(int order_memory) {
  std::vector<int> descriptors = {order_memory};
  if (cgroup_) {
    PIPELINE_TRY(cgroup_->limit(plan_.limits));
    const auto entrances = cgroup_->entrances();
    descriptors.insert(descriptors.end(), entrances.begin(), entrances.end());
  }
  // Not taken when the job could not be prepared: then a report says why.
  (void)send(channel_.get(), ToInside{.kind = ToInside::Kind::order}, descriptors);
  if (plan_.timeout.count() > 0) timeout_at_ = steady_clock::now() + plan_.timeout;
  return {};
}

SandboxResult Supervisor::run() {
  loop();
  // Before the others: killing them reaps whatever child there is.
  const rusage usage = job_.reap();
  if (plan_.isolation == Isolation::none) host::kill_descendants();
  account(usage);
  complete_log();
  send_notices();
  result_.cause = cause_.value_or(Cause::exited);
  return result_;
}

void Supervisor::watch() {
  watched_.assign({{control_, POLLIN, 0},
                   {signals_, POLLIN, 0},
                   {channel_.get(), POLLIN, 0},
                   {output_.readable(), POLLIN, 0},
                   {job_.pidfd(), POLLIN, 0}});
  if (!notices_.empty()) watched_[Watch::control].events |= POLLOUT;
  // What has hung up stays readable for ever: it has been heard.
  if (phase_ == Phase::killed) {
    watched_[Watch::control].fd = -1;
    watched_[Watch::channel].fd = -1;
  }
  if (output_.ended()) watched_[Watch::output].fd = -1;
  services_.watch(watched_);
}

void Supervisor::loop() {
  while (!job_ended_) {
    watch();
    if (::poll(watched_.data(), watched_.size(), patience()) < 0 && errno != EINTR) break;
    // First, since hearing the job may start another.
    check(services_.take(watched_.data() + Watch::count));
    if ((watched_[Watch::channel].revents & POLLIN) != 0) hear_job();
    if (watched_[Watch::output].revents != 0) check(output_.take());
    if (watched_[Watch::control].revents != 0) hear_control();
    if (watched_[Watch::signals].revents != 0) {
      kill(Cause::cancelled, "the sandbox was told to end");
    }
    if (watched_[Watch::pidfd].revents != 0) job_ended_ = true;
    look_at_clock();
  }
  if (phase_ != Phase::killed) hear_job();  // its last words
}

int Supervisor::patience() const {
  if (phase_ == Phase::killed) return -1;  // the kernel does the rest
  SteadyTime next = disk_.next_look();
  if (memory_) next = std::min(next, memory_->next_look());
  if (timeout_at_ && phase_ == Phase::running) next = std::min(next, *timeout_at_);
  if (kill_at_) next = std::min(next, *kill_at_);
  if (phase_ == Phase::running) next = std::min(next, services_.ready_by().value_or(next));
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

void Supervisor::look_at_clock() {
  if (phase_ == Phase::killed) return;
  const auto now = steady_clock::now();
  if (kill_at_ && now >= *kill_at_) patience_ended();
  if (timeout_at_ && now >= *timeout_at_ && phase_ == Phase::running) {
    stop(Cause::timed_out, "did not finish within " + base::format_duration(plan_.timeout));
  }
  const auto ready_by = services_.ready_by();
  if (ready_by && now >= *ready_by && phase_ == Phase::running) {
    const std::uint32_t index = services_.started() - 1;
    fail_for_service(index, "was not ready within " +
                                base::format_duration(plan_.services[index].ready->timeout));
  }
  if (now >= disk_.next_look()) {
    if (const auto breach = disk_.look()) kill(Cause::limit, *breach);
  }
  if (memory_ && now >= memory_->next_look()) {
    if (const auto breach = memory_->look()) kill(Cause::limit, *breach);
  }
  if (plan_.isolation == Isolation::none) host::reap_orphans(job_.pid());
}

void Supervisor::patience_ended() {
  if (phase_ != Phase::closing || asked_to_end_.signal == SIGKILL) {
    return kill(*cause_, result_.reason);
  }
  asked_to_end_.signal = SIGKILL;
  ask_to_end(asked_to_end_);
}

void Supervisor::hear_control() {
  send_notices();
  Request request{};
  const ssize_t got = ::recv(control_, &request, sizeof request, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got != sizeof request) return kill(Cause::cancelled, "its supervisor has gone");
  switch (request) {
    case Request::cancel:
      return stop(Cause::cancelled, "cancelled");
    case Request::time_out:
      return stop(Cause::timed_out, "timed out");
    case Request::kill:
      return kill(Cause::cancelled, "cancelled");
  }
}

void Supervisor::hear_job() {
  while (phase_ != Phase::killed) {
    auto report = receive_report(channel_.get());
    if (!report) return;
    hear_report(std::move(*report));
  }
}

void Supervisor::hear_report(Report report) {
  switch (report.message.kind) {
    case FromInside::Kind::ready:
      return job_is_ready(std::move(report));
    case FromInside::Kind::failed: {
      const bool set_up = result_.commands_started > 0 || services_.started() > 0;
      result_.overlay_refused = !set_up && report.message.status == kOverlayRefused;
      const bool jobs_doing = report.message.status == kJobsDoing;
      return kill(set_up || jobs_doing ? Cause::limit : Cause::setup, report.message.text);
    }
    case FromInside::Kind::finished:
      return command_ended(report.message.status);
    case FromInside::Kind::service_ready:
      if (services_.ready(report.message.index)) next_step();
      return;
    case FromInside::Kind::service_ended:
      return service_ended(report.message);
    case FromInside::Kind::idle:
      return kill(cause_.value_or(Cause::exited), result_.reason);
  }
}

void Supervisor::job_is_ready(Report report) {
  if (report.descriptors.size() == 2) {
    const int temporary = report.descriptors[1].get();
    disk_.also_count(std::move(report.descriptors[1]));
    if (!cgroup_) memory_.emplace(std::move(report.descriptors[0]), temporary, plan_.limits.memory);
  }
  next_step();
}

void Supervisor::next_step() {
  if (phase_ != Phase::running) return;
  if (!services_.all_ready()) return start_service();
  next_command();
}

void Supervisor::start_service() {
  const std::uint32_t index = services_.started();
  const auto pipe = services_.start_next();
  if (!pipe) return kill(Cause::setup, pipe.error().to_string());
  if (plan_.services[index].ready) {
    notify({.kind = Notice::Kind::service_awaited, .index = index});
  }
  send(channel_.get(), ToInside{.kind = ToInside::Kind::start_service, .index = index},
       {pipe->get()});
}

void Supervisor::next_command() {
  const std::uint32_t index = result_.commands_started;
  if (index == plan_.commands.size()) return close(Cause::exited, "");
  ++result_.commands_started;
  command_runs_ = true;
  check(output_.command_started(index));
  notify({.kind = Notice::Kind::command_started, .index = index});
  send(channel_.get(), ToInside{.kind = ToInside::Kind::run, .index = index});
}

void Supervisor::command_ended(std::int32_t status) {
  if (!std::exchange(command_runs_, false)) return;  // pid 1 is not to be trusted
  const std::uint32_t index = result_.commands_started - 1;
  result_.exit_code = host::ExitStatus::from_wait_status(status).shell_code();
  check(output_.command_finished(index, result_.exit_code));
  notify({.kind = Notice::Kind::command_finished, .index = index, .exit_code = result_.exit_code});
  if (phase_ == Phase::stopping) {
    // What the command left behind has the rest of the grace time (without a pid namespace, none:
    // nobody would know when the last has gone).
    send(channel_.get(), ToInside{.kind = ToInside::Kind::await_idle});
    return;
  }
  if (phase_ == Phase::closing) return close_next();
  if (result_.exit_code != 0) return close(Cause::exited, "");
  next_command();
}

void Supervisor::service_ended(const FromInside& report) {
  if (!services_.ended(report.index)) return;
  if (phase_ == Phase::closing) return close_next();
  const auto status = host::ExitStatus::from_wait_status(report.status);
  fail_for_service(report.index, "exited with " + std::to_string(status.shell_code()));
}

// Its last lines are read when it has written them all.
void Supervisor::fail_for_service(std::uint32_t index, const std::string& what) {
  if (phase_ != Phase::running) return;
  failed_service_ = index;
  close(Cause::service, "service " + services_.name(index) + " " + what);
}

void Supervisor::close(Cause cause, const std::string& reason) {
  if (phase_ != Phase::running) return;
  conclude(cause, reason);
  phase_ = Phase::closing;
  close_next();
}

void Supervisor::close_next() {
  using Kind = ToInside::Kind;
  if (command_runs_) return ask_to_end({.kind = Kind::signal_command, .signal = SIGTERM});
  if (const auto last = services_.last_running()) {
    return ask_to_end({.kind = Kind::signal_service, .index = *last, .signal = SIGTERM});
  }
  kill(*cause_, result_.reason);
}

void Supervisor::ask_to_end(ToInside whom) {
  asked_to_end_ = whom;
  kill_at_ = steady_clock::now() + plan_.grace;
  send(channel_.get(), whom);
}

void Supervisor::stop(Cause cause, const std::string& reason) {
  // What the job did is done: there is only the waiting for its services to give up.
  if (phase_ == Phase::closing) return kill(cause, reason);
  if (phase_ != Phase::running) return;
  conclude(cause, reason);
  if (!command_runs_ && services_.started() == 0) return kill(cause, reason);
  phase_ = Phase::stopping;
  kill_at_ = steady_clock::now() + plan_.grace;
  if (plan_.isolation == Isolation::none) {
    host::signal_descendants(SIGTERM);
  } else {
    job_.signal(SIGTERM);  // pid 1 passes it on to all
  }
  if (!command_runs_) send(channel_.get(), ToInside{.kind = ToInside::Kind::await_idle});
}

void Supervisor::kill(Cause cause, const std::string& reason) {
  if (phase_ == Phase::killed) return;
  conclude(cause, reason);
  phase_ = Phase::killed;
  kill_at_.reset();
  // The kernel kills a pid namespace with its pid 1, whatever its processes did.
  if (plan_.isolation == Isolation::none) host::signal_descendants(SIGKILL);
  job_.signal(SIGKILL);
}

void Supervisor::conclude(Cause cause, const std::string& reason) {
  if (cause_) return;
  cause_ = cause;
  result_.reason = reason;
}

void Supervisor::check(Result<> logged) {
  if (!logged) kill(Cause::setup, std::move(logged).error().during("write the log").to_string());
}

void Supervisor::notify(Notice notice) {
  notices_.push_back(notice);
  send_notices();
}

void Supervisor::send_notices() {
  while (!notices_.empty()) {
    const ssize_t sent =
        ::send(control_, &notices_.front(), sizeof(Notice), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    notices_.pop_front();  // sent, or there is nobody to hear it
  }
}

// Nobody asks for a result that has no log: the end of the job does not count without it.
void Supervisor::complete_log() {
  auto completed = output_.finish();
  if (completed) completed = services_.finish();
  if (completed && cause_ == Cause::service) {
    result_.reason += services_.last_lines(*failed_service_);
  }
  if (completed) return;
  cause_ = Cause::setup;
  result_.reason = "failed to write the log: " + completed.error().to_string();
}

void Supervisor::account(const rusage& usage) {
  const auto spent = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  result_.cpu =
      std::chrono::duration_cast<base::Duration>(spent(usage.ru_utime) + spent(usage.ru_stime));
  if (memory_) result_.peak_memory = memory_->peak();
  if (cgroup_) {
    result_.cpu = cgroup_->cpu().value_or(result_.cpu);
    result_.peak_memory = cgroup_->peak_memory();
  }
  const bool ended_badly =
      !cause_ || cause_ == Cause::service || (cause_ == Cause::exited && result_.exit_code != 0);
  if (ended_badly && cgroup_ && cgroup_->hit_memory_limit()) {
    cause_ = Cause::limit;
    result_.reason = "memory limit of " + base::format_size(plan_.limits.memory) + " exceeded";
  }
  if (!cause_) conclude(Cause::setup, "the job's first process was killed from outside");
}

}  // namespace pipeline::sandbox::helper
