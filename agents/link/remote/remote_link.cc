#include "agents/link/remote/remote_link.h"

#include "agents/link/ending.h"
#include "pipelines/base/reason.h"

namespace pipeline::link {

namespace {

using base::Result;

class RemoteLink final : public Link {
 public:
  RemoteLink(AgentDesk& desk, std::unique_ptr<Link> inner, PublishTree publish)
      : desk_(desk), inner_(std::move(inner)), publish_(std::move(publish)) {}
  ~RemoteLink() override {
    inner_.reset();
    desk_.forget(run_);
  }
  RemoteLink(const RemoteLink&) = delete;
  RemoteLink& operator=(const RemoteLink&) = delete;

  void start(protocol::JobOrder order, EventSink& sink) override {
    run_ = order.run;
    if (!std::holds_alternative<protocol::CommandOrder>(order.work))
      return inner_->start(std::move(order), sink);
    auto trees = publish_(order);
    if (!trees) {
      return sink.post(ending(order.job, order.attempt, run::JobStatus::errored,
                              base::reason_of(trees.error())));
    }
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
  AgentDesk& desk_;
  std::unique_ptr<Link> inner_;
  const PublishTree publish_;
  run::RunId run_ = 0;
};

}  // namespace

std::unique_ptr<Link> make_remote_link(AgentDesk& desk, std::unique_ptr<Link> inner,
                                       PublishTree publish) {
  return std::make_unique<RemoteLink>(desk, std::move(inner), std::move(publish));
}

}  // namespace pipeline::link
