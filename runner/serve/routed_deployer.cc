#include "runner/serve/routed_deployer.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>

#include "agents/protocol/agent_messages_json.h"
#include "runner/serve/deployment_routes.h"
#include "stages/host/file.h"
#include "stages/host/remove.h"

namespace pipeline::serve {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;
using deploy::DeploymentResult;
using deploy::EnvironmentKey;
using deploy::EnvironmentStatus;
using deploy::InstanceStatus;
using protocol::DeployAction;
using protocol::DeployOrder;
using protocol::JobOrder;

// How often is looked why nobody takes it, and whether the server stops.
constexpr auto kLook = std::chrono::seconds(1);
// With little patience: how often an agent that has it is given time.
constexpr int kMostLooks = 10;

fs::path orders_of(const store::Paths& paths, const EnvironmentKey& key) {
  return paths.environment(key.pipeline, key.environment) / "orders";
}

}  // namespace

// What comes of an order, for the one thread that waits for it.
class RoutedDeployer::Waiting final : public link::EventSink {
 public:
  void post(run::EventBody event) override {
    {
      const std::scoped_lock guard(mutex_);
      events_.push_back(std::move(event));
    }
    changed_.notify_one();
  }
  // None after a while without one.
  std::optional<run::EventBody> next() {
    std::unique_lock guard(mutex_);
    if (!changed_.wait_for(guard, kLook, [this] { return !events_.empty(); })) return std::nullopt;
    run::EventBody event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<run::EventBody> events_;
};

namespace {

ErrorKind kind_of(std::string_view text) {
  for (int number = 0; number <= static_cast<int>(ErrorKind::internal); ++number)
    if (to_string(static_cast<ErrorKind>(number)) == text) return static_cast<ErrorKind>(number);
  return ErrorKind::internal;
}

Result<DeploymentResult> result_of(const protocol::DeploymentTold& told) {
  const auto verdict = deploy::verdict_of(told.verdict);
  if (verdict)
    return DeploymentResult{
        .verdict = *verdict,
        .release = told.release,
        .reason = told.reason,
        .blame = told.is_its_fault ? rollout::Blame::release : rollout::Blame::nobody,
        .hint = told.hint};
  Error error(kind_of(told.error), told.reason);
  if (told.hint.empty()) return base::fail(std::move(error));
  return base::fail(std::move(error).hint(told.hint));
}

InstanceStatus instance_of(const protocol::InstanceTold& told) {
  return {.name = told.name,
          .release = told.release,
          .address = told.address,
          .pid = told.pid,
          .healthy = told.healthy,
          .in_traffic = told.in_traffic,
          .is_looked_at = told.is_looked_at};
}

// An agent that was lost, or never had it, has told nothing.
Result<protocol::DeploymentTold> told_in(const fs::path& directory,
                                         const run::JobFinished& finished) {
  const auto text = host::read_file(directory / protocol::kDeploymentFile);
  auto told = text ? protocol::message_from_json<protocol::DeploymentTold>(*text)
                   : base::fail(text.error());
  if (told) return told;
  const bool is_stopped = finished.status == run::JobStatus::cancelled;
  return base::fail(is_stopped ? ErrorKind::cancelled : ErrorKind::unavailable, finished.reason);
}

// Empty when an agent has it.
std::string reason_to_wait(link::AgentDesk& desk, const link::AttemptKey& attempt) {
  for (auto& waiting : desk.waiting(attempt.run))
    if (waiting.job == attempt.job) return std::move(waiting.reason);
  return "";
}

// The time, or a little later: no two orders of this process have one, and none of an earlier one.
std::int64_t number_at(base::TimePoint now) {
  static std::atomic<std::int64_t> last{0};
  std::int64_t before = last;
  std::int64_t number = 0;
  do {
    number = std::max<std::int64_t>(now.time_since_epoch().count(), before + 1);
  } while (!last.compare_exchange_weak(before, number));
  return number;
}

Result<> give_a_name(JobOrder& order, const store::Paths& paths, base::TimePoint now) {
  const EnvironmentKey key{order.pipeline, std::get<DeployOrder>(order.work).environment.name};
  order.job = std::to_string(number_at(now));
  order.log_directory = orders_of(paths, key) / order.job;
  std::error_code error;
  fs::create_directories(order.log_directory, error);
  if (!error) return {};
  return base::fail(Error::from_errno(error.value(), "make " + order.log_directory.string()));
}

// Hears an order of an earlier server, and removes what is left of it.
class LeftOver final : public link::EventSink {
 public:
  explicit LeftOver(fs::path directory) : directory_(std::move(directory)) {}
  void post(run::EventBody event) override {
    if (std::holds_alternative<run::JobFinished>(event)) (void)host::remove_all(directory_);
  }

 private:
  const fs::path directory_;
};

}  // namespace

Result<DeploymentResult> RoutedDeployer::deploy(const deploy::DeploymentRequest& request,
                                                const deploy::Observer& observer,
                                                std::stop_token stop) {
  JobOrder order;
  order.pipeline = request.key.pipeline;
  order.kind = model::StageKind::deploy;
  order.repository = request.repository;
  order.tree = request.tree;
  order.work = DeployOrder{.environment = request.environment,
                           .artifact = {request.artifact, request.digest},
                           .promote_from = std::nullopt,
                           .force = request.force,
                           .by = request.by};
  PIPELINE_ASSIGN(const bool is_theirs, route_deployment(parts_.journal, order));
  if (!is_theirs) return parts_.here.deploy(request, observer, std::move(stop));
  if (!request.promote_from.empty())
    std::get<DeployOrder>(order.work).promote_from = request.promote_from.front();
  return send(std::move(order), observer, stop);
}

Result<std::optional<JobOrder>> RoutedDeployer::order_about(const EnvironmentKey& key,
                                                            DeployAction action,
                                                            std::optional<std::uint64_t> release) {
  PIPELINE_ASSIGN(const auto record, record_of(parts_.journal, key));
  const rollout::Release* about = release ? record.find(*release) : nullptr;
  if (about == nullptr && action == DeployAction::roll_back && !release)
    about = record.find(record.previous);
  if (about == nullptr) about = record.find(record.current);
  // Where it serves, or where the files are that shall serve again.
  const rollout::Release* there = rollout::release_there(record);
  if (there == nullptr) there = about;
  if (there == nullptr || there->machine.empty()) return std::nullopt;
  JobOrder order;
  order.pipeline = key.pipeline;
  order.kind = model::StageKind::deploy;
  DeployOrder work{.environment = {}, .artifact = {}, .promote_from = std::nullopt};
  work.environment.name = key.environment;
  work.action = action;
  work.release = release;
  work.machine = there->machine;
  // Whoever takes an agent's name while it is away has not what its token allows.
  work.environment.agent = there->environment.agent;
  if (about != nullptr) {
    work.repository = about->repository;
    if (action == DeployAction::resume || action == DeployAction::roll_back) {
      // Gates of what shall serve again ask for its tree.
      order.repository = about->repository;
      order.tree = about->tree;
      work.artifact = {about->artifact, about->digest};
    }
  }
  order.work = std::move(work);
  return order;
}

Result<DeploymentResult> RoutedDeployer::resume(const EnvironmentKey& key,
                                                const deploy::Observer& observer,
                                                std::stop_token stop) {
  PIPELINE_ASSIGN(auto order, order_about(key, DeployAction::resume));
  if (!order) return parts_.here.resume(key, observer, std::move(stop));
  return send(*std::move(order), observer, stop);
}

Result<DeploymentResult> RoutedDeployer::roll_back(const deploy::RollbackRequest& request,
                                                   const deploy::Observer& observer,
                                                   std::stop_token stop) {
  PIPELINE_ASSIGN(auto order, order_about(request.key, DeployAction::roll_back, request.release));
  if (!order) return parts_.here.roll_back(request, observer, std::move(stop));
  std::get<DeployOrder>(order->work).by = request.by;
  return send(*std::move(order), observer, stop);
}

Result<> RoutedDeployer::shut_down(const EnvironmentKey& key, const deploy::Observer& observer) {
  PIPELINE_ASSIGN(auto order, order_about(key, DeployAction::shut_down));
  if (!order) return parts_.here.shut_down(key, observer);
  return send(*std::move(order), observer, {}).map([](const DeploymentResult& /*result*/) {});
}

Result<EnvironmentStatus> RoutedDeployer::examine(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(EnvironmentStatus status, parts_.here.status(key));
  if (std::ranges::all_of(status.instances, &InstanceStatus::is_looked_at)) return status;
  auto instances = look(key);
  if (instances) {
    status.instances = *std::move(instances);
  } else {
    status.not_looked_at = instances.error().to_string();
  }
  return status;
}

Result<std::vector<InstanceStatus>> RoutedDeployer::look(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(auto order, order_about(key, DeployAction::look));
  if (!order) return base::fail(ErrorKind::not_found, "nothing is up any more");
  const auto nobody = [](const deploy::Progress&) {};
  PIPELINE_ASSIGN(const auto told, ask(*std::move(order), nobody, {}, Patience::little));
  PIPELINE_TRY(result_of(told));
  std::vector<InstanceStatus> instances;
  for (const auto& instance : told.instances) instances.push_back(instance_of(instance));
  return instances;
}

Result<DeploymentResult> RoutedDeployer::send(JobOrder order, const deploy::Observer& observer,
                                              const std::stop_token& stop) {
  PIPELINE_ASSIGN(const auto told, ask(std::move(order), observer, stop, Patience::any));
  return result_of(told);
}

Result<protocol::DeploymentTold> RoutedDeployer::ask(JobOrder order,
                                                     const deploy::Observer& observer,
                                                     const std::stop_token& stop,
                                                     Patience patience) {
  PIPELINE_TRY(give_a_name(order, parts_.paths, parts_.clock.now()));
  const fs::path directory = order.log_directory;
  const link::AttemptKey attempt{order.run, order.job, order.attempt};
  std::string trees;
  if (!order.tree.empty()) {
    PIPELINE_ASSIGN(trees, parts_.publish(order));
  }
  Waiting waiting;
  parts_.desk.offer({.order = std::move(order), .trees = std::move(trees)}, waiting);
  const std::stop_callback on_stop(stop, [&] {
    parts_.desk.stop({.attempt = attempt,
                      .as = run::JobStatus::cancelled,
                      .reason = "stopped before an agent had it"});
  });
  const auto finished = hear(waiting, attempt, observer, patience);
  // What nobody waits for any more goes on, and is cleared away by the next server.
  if (!finished && patience == Patience::any) return base::fail(finished.error());
  auto told = finished ? told_in(directory, *finished) : base::fail(finished.error());
  (void)host::remove_all(directory);
  return told;
}

Result<run::JobFinished> RoutedDeployer::hear(Waiting& waiting, const link::AttemptKey& attempt,
                                              const deploy::Observer& observer,
                                              Patience patience) const {
  std::string told;
  for (int looks = 1;; ++looks) {
    const auto event = waiting.next();
    if (!event && parts_.desk.is_closed()) {
      parts_.desk.forget(attempt);
      return base::fail(ErrorKind::unavailable, "the server stopped; what an agent has goes on");
    }
    if (!event) {
      std::string reason = reason_to_wait(parts_.desk, attempt);
      if (patience == Patience::little && (!reason.empty() || looks >= kMostLooks)) {
        parts_.desk.forget(attempt);
        return base::fail(ErrorKind::unavailable,
                          reason.empty() ? "its agent does not answer" : reason);
      }
      if (!reason.empty() && reason != told) observer({.state = "queued", .detail = reason});
      told = std::move(reason);
      continue;
    }
    if (const auto* const advanced = std::get_if<run::DeploymentAdvanced>(&*event))
      observer({.state = advanced->state, .detail = advanced->detail});
    if (const auto* const finished = std::get_if<run::JobFinished>(&*event)) return *finished;
  }
}

Result<std::vector<std::unique_ptr<link::EventSink>>> take_up_orders(link::AgentDesk& desk,
                                                                     deploy::Journal& journal,
                                                                     const store::Paths& paths) {
  std::vector<std::unique_ptr<link::EventSink>> sinks;
  PIPELINE_ASSIGN(const auto keys, journal.environments());
  for (const EnvironmentKey& key : keys) {
    std::error_code error;
    for (const auto& order : fs::directory_iterator(orders_of(paths, key), error)) {
      auto sink = std::make_unique<LeftOver>(order.path());
      const auto reports =
          desk.resume({.job = order.path().filename(), .log_directory = order.path()}, *sink);
      const bool goes_on = reports && *reports && link::end_among(**reports) == nullptr;
      if (goes_on)
        sinks.push_back(std::move(sink));
      else
        PIPELINE_TRY(host::remove_all(order.path()));
    }
  }
  return sinks;
}

}  // namespace pipeline::serve
