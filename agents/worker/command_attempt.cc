#include "agents/worker/attempt.h"

namespace pipeline::worker {

namespace {

step::StepOrder step_order(const protocol::JobOrder& order) {
  const auto& command = std::get<protocol::CommandOrder>(order.work);
  step::StepOrder out;
  out.repository = order.repository;
  out.tree = order.tree;
  out.work = command.work;
  out.env = command.env;
  out.secrets = command.secrets;
  out.layers = command.layers;
  for (const auto& use : command.uses) out.uses.push_back({use.name, use.digest});
  out.trust = command.trusted ? workspace::Trust::trusted : workspace::Trust::untrusted;
  out.timeout = order.timeout;
  out.another_may_follow = order.another_may_follow;
  out.outputs = order.keep ? workspace::Take::copy : workspace::Take::move;
  out.log_directory = order.log_directory;
  return out;
}

class CommandAttempt final : public Attempt, step::StepObserver {
 public:
  CommandAttempt(const step::StepTools& tools, protocol::JobOrder order, link::EventSink& sink)
      : order_(std::move(order)), sink_(sink), step_(tools, step_order(order_)) {}

  void run() override {
    auto outcome = step_.run(*this);
    run::JobFinished finished;
    finished.job = order_.job;
    finished.attempt = order_.attempt;
    finished.status = outcome.status;
    finished.reason = std::move(outcome.reason);
    finished.outputs = outcome.outputs;
    finished.artifacts = std::move(outcome.artifacts);
    finished.usage = outcome.usage;
    finished.warnings = std::move(outcome.warnings);
    finished.tests = std::move(outcome.tests);
    sink_.post(std::move(finished));
  }
  void stop(run::JobStatus as, const std::string& reason) override { step_.stop(as, reason); }
  void stop_now() override { step_.stop_now(); }

 private:
  void service_awaited(std::uint32_t index) override {
    const auto& services = std::get<protocol::CommandOrder>(order_.work).work.services;
    sink_.post(run::JobWaiting{order_.job, order_.attempt,
                               "waiting for service " + services.at(index).name});
  }
  void started() override { sink_.post(run::JobStarted{order_.job, order_.attempt}); }
  void command_started(std::uint32_t index) override {
    const auto& commands = std::get<protocol::CommandOrder>(order_.work).work.run;
    sink_.post(run::CommandStarted{order_.job, order_.attempt, index, commands.at(index)});
  }
  void command_finished(std::uint32_t index, int exit_code) override {
    sink_.post(run::CommandFinished{order_.job, order_.attempt, index, exit_code});
  }
  void finishing() override { sink_.post(run::JobFinishing{order_.job, order_.attempt}); }

  const protocol::JobOrder order_;
  link::EventSink& sink_;
  step::Step step_;
};

}  // namespace

std::unique_ptr<Attempt> make_command_attempt(const step::StepTools& tools,
                                              protocol::JobOrder order, link::EventSink& sink) {
  return std::make_unique<CommandAttempt>(tools, std::move(order), sink);
}

}  // namespace pipeline::worker
