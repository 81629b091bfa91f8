#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>

#include "pipelines/base/reason.h"
#include "stages/host/file.h"
#include "stages/host/packet.h"
#include "stages/sandbox/helper/serve.h"
#include "stages/sandbox/helper/supervisor.h"
#include "stages/sandbox/order.h"
#include "stages/sandbox/wire.h"

namespace pipeline::sandbox::helper {

using base::Result;

namespace {

// Blocked and read from a descriptor, so that ending always passes through the clean-up.
host::UniqueFd termination_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return host::UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

SandboxResult not_set_up(const base::Error& error) {
  return {.cause = SandboxResult::Cause::setup, .reason = base::reason_of(error)};
}

// The memfd; empty when there will be no order.
Result<host::UniqueFd> await_order(int control, int signals) {
  pollfd watched[] = {{control, POLLIN, 0}, {signals, POLLIN, 0}};
  while (::poll(watched, 2, -1) < 0 && errno == EINTR) {
  }
  if (watched[1].revents != 0) return host::UniqueFd();
  auto ordered = host::receive_message<Ordered>(control);
  if (!ordered || ordered->descriptors.empty()) return host::UniqueFd();
  if (ordered->message.version != kWireVersion) {
    return base::fail(base::ErrorKind::unavailable,
                      "pipeline and pipeline-sandbox are of different builds; build both with "
                      "scripts/build");
  }
  return std::move(ordered->descriptors.front());
}

SandboxResult run_job(const Order& order, int order_memory, int control, int signals,
                      Result<PreparedJob> job) {
  if (!job) return not_set_up(job.error());
  auto supervisor = Supervisor::create(order, order_memory, control, signals, *std::move(job));
  if (!supervisor) return not_set_up(supervisor.error());
  return (*supervisor)->run();
}

}  // namespace

Result<> serve(Confinement confinement, int control, const CgroupPlaces& places) {
  ::signal(SIGPIPE, SIG_IGN);
  const host::UniqueFd signals = termination_signals();
  auto job = PreparedJob::create(confinement, places);
  if (job) {
    host::send_message(control, Notice{.kind = Notice::Kind::prepared}, {job->process.pidfd()},
                       MSG_DONTWAIT);
  }
  PIPELINE_ASSIGN(const host::UniqueFd memory, await_order(control, signals.get()));
  if (!memory) return {};
  PIPELINE_ASSIGN(const Order order, read_order(memory.get()));
  if (confinement_of(order.plan) != confinement) {
    return base::fail(base::ErrorKind::internal, "the plan asks for another confinement");
  }
  const auto result = run_job(order, memory.get(), control, signals.get(), std::move(job));
  return host::write_file(order.plan.log_directory / kResultName, to_json(result),
                          host::Durability::cached);
}

}  // namespace pipeline::sandbox::helper
