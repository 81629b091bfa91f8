#include "agents/link/remote/remote_link.h"

#include "agents/link/ending.h"
#include "pipelines/base/reason.h"

namespace pipeline::link {

namespace {

using base::Result;

class RemoteLink final : public Link {
 public:
  RemoteLink(AgentDesk& desk, std::unique_ptr<Link> inner, PublishTree publish,
             RouteDeployment route)
      : desk_(desk),
        inner_(std::move(inner)),
        publish_(std::move(publish)),
        route_(std::move(route)) {}
  ~RemoteLink() override {
    inner_.reset();
    desk_.forget(run_);
  }
  RemoteLink(const RemoteLink&) = delete;
  RemoteLink& operator=(const RemoteLink&) = delete;

  void start(protocol::JobOrder order, EventSink& sink) override {
    run_ = order.run;
    const auto is_theirs = is_for_agents(order);
    if (!is_theirs) return end(order, is_theirs.error(), sink);
    if (!*is_theirs) return inner_->start(std::move(order), sink);
    auto trees = publish_(order);
    if (!trees) return end(order, trees.error(), sink);
    desk_.offer({.order = std::move(order), .trees = *std::move(trees)}, sink);
  }

  Result<std::optional<std::vector<run::Event>>> resume(const EarlierAttempt& earlier,
                                                        EventSink& sink) override {
    run_ = earlier.run;
    return desk_.resume(earlier, sink);
  }

  void stop(const std::string& job, std::uint32_t attempt, run::JobStatus as,
            const std::string& reason) override {
    inner_->stop(job, attempt, as, reason);
    desk_.stop({.attempt = {run_, job, attempt}, .as = as, .reason = reason});
  }
  void stop_now(const std::string& job, std::uint32_t attempt) override {
    inner_->stop_now(job, attempt);
    desk_.stop(
        {.attempt = {run_, job, attempt}, .kind = Instruction::Kind::stop_now, .reason = "killed"});
  }

 private:
  Result<bool> is_for_agents(protocol::JobOrder& order) const {
    if (std::holds_alternative<protocol::CommandOrder>(order.work)) return true;
    if (!route_ || !std::holds_alternative<protocol::DeployOrder>(order.work)) return false;
    return route_(order);
  }
  static void end(const protocol::JobOrder& order, const base::Error& error, EventSink& sink) {
    sink.post(ending(order.job, order.attempt, run::JobStatus::errored, base::reason_of(error)));
  }

  AgentDesk& desk_;
  std::unique_ptr<Link> inner_;
  const PublishTree publish_;
  const RouteDeployment route_;
  run::RunId run_ = 0;
};

}  // namespace

std::unique_ptr<Link> make_remote_link(AgentDesk& desk, std::unique_ptr<Link> inner,
                                       PublishTree publish, RouteDeployment route) {
  return std::make_unique<RemoteLink>(desk, std::move(inner), std::move(publish), std::move(route));
}

}  // namespace pipeline::link
