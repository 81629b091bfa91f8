#include "stages/deploy/journey.h"

namespace pipeline::deploy {

using rollout::Blame;
using rollout::Direction;
using rollout::State;

namespace {

// Only these ask something of the release; whatever else goes wrong is ours or the machine's.
Blame blame_of(const rollout::Step& step, const base::Error& failure) {
  const bool asked = std::holds_alternative<rollout::AwaitHealthy>(step) ||
                     std::holds_alternative<rollout::AskGates>(step) ||
                     std::holds_alternative<rollout::Bake>(step);
  return asked && failure.kind() == base::ErrorKind::failed ? Blame::release : Blame::nobody;
}

}  // namespace

DeploymentResult gone_back(Verdict verdict, const rollout::EnvironmentRecord& record) {
  return {.verdict = verdict,
          .release = record.current,
          .reason = record.deployment->reason,
          .blame = record.deployment->blame,
          .hint = record.deployment->hint};
}

Journey::Journey(Session& session, EnvironmentPorts& ports, Waiter& waiter,
                 const base::Clock& clock)
    : session_(session),
      clock_(clock),
      runner_(session.key(), ports, session.record(), waiter, clock,
              [&session](const std::string& detail) { session.report(detail); }) {}

base::Result<DeploymentResult> Journey::go(const rollout::Steps& steps,
                                           const std::stop_token& stop) {
  PIPELINE_ASSIGN(const End end, carry_out(Direction::forward, steps, stop));
  if (end.failure) return go_back(*end.failure, end.blame);
  return arrived();
}

base::Result<DeploymentResult> Journey::pick_up(const std::stop_token& stop) {
  const rollout::Deployment& deployment = *session_.record().deployment;
  const std::string what = "release " + std::to_string(deployment.release) + " was left " +
                           std::string(to_string(deployment.state));
  if (deployment.state == State::promoted) {
    session_.report(what + ": going on with it");
    return go(plan_way_on(session_.record()), stop);
  }
  session_.report(what + ": going back");
  if (deployment.state == State::rolling_back) return restore();
  return go_back(
      base::Error(base::ErrorKind::internal, "the program that deployed it ended while it was " +
                                                 std::string(to_string(deployment.state))),
      Blame::nobody);
}

base::Result<bool> Journey::repair(const std::stop_token& stop) {
  PIPELINE_ASSIGN(const rollout::Reality reality, runner_.look());
  const rollout::Steps steps = plan_repair(session_.record(), reality);
  if (steps.empty()) return false;
  const std::string release = "release " + std::to_string(session_.record().current);
  session_.report(release + " does not serve as it should: bringing it back");
  PIPELINE_ASSIGN(const End end, carry_out(Direction::repair, steps, stop));
  if (!end.failure) return true;
  return base::fail(base::Error(*end.failure).during("bring back " + release));
}

base::Result<> Journey::clean() {
  PIPELINE_ASSIGN(const End end,
                  carry_out(Direction::cleaning, plan_cleaning(session_.record()), {}));
  if (!end.failure) return {};
  return base::fail(base::Error(*end.failure).during("end the previous release"));
}

base::Result<Journey::End> Journey::carry_out(Direction direction, const rollout::Steps& steps,
                                              const std::stop_token& stop) {
  PIPELINE_TRY(session_.write(rollout::Planned{.direction = direction, .steps = steps}));
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    if (stop.stop_requested() && session_.record().deployment->state != State::retaining) {
      return End{.failure = base::Error(base::ErrorKind::cancelled, "stopped on request")};
    }
    PIPELINE_ASSIGN(End end, carry_out_step(i, steps[i], stop));
    if (end.failure) return end;
  }
  return End{};
}

base::Result<Journey::End> Journey::carry_out_step(std::uint32_t index, const rollout::Step& step,
                                                   const std::stop_token& stop) {
  if (const auto* enter = std::get_if<rollout::Enter>(&step)) {
    PIPELINE_TRY(session_.write(
        rollout::Entered{.state = enter->state, .batch = enter->batch, .reason = {}}));
    session_.report(enter->batch == 0 ? "" : "batch " + std::to_string(enter->batch));
    return End{};
  }
  session_.report(describe(step));
  PIPELINE_TRY(session_.write(rollout::Intent{.step = index}));
  auto done = runner_.run(step, stop);
  PIPELINE_TRY(
      session_.write(rollout::Outcome{.step = index,
                                      .ok = done.has_value(),
                                      .detail = done ? std::string() : done.error().to_string()}));
  // Files that cannot be deleted now are tried again by the next cleaning; nobody is worse off.
  if (done || std::holds_alternative<rollout::RemoveRelease>(step)) return End{};
  return End{.failure = done.error(), .blame = blame_of(step, done.error())};
}

base::Result<DeploymentResult> Journey::go_back(const base::Error& cause, Blame blame) {
  PIPELINE_TRY(session_.write(rollout::Entered{.state = State::rolling_back,
                                               .batch = 0,
                                               .reason = cause.to_string(),
                                               .blame = blame,
                                               .hint = cause.hint().value_or("")}));
  session_.report(cause.to_string());
  return restore();
}

base::Result<DeploymentResult> Journey::restore() {
  const auto reality = runner_.look();
  if (!reality) return freeze(reality.error());
  // A way back is never given up on request: half of it is the worst place to be.
  PIPELINE_ASSIGN(const End end,
                  carry_out(Direction::back, plan_way_back(session_.record(), *reality), {}));
  if (end.failure) return freeze(*end.failure);
  return gone_back(Verdict::rolled_back, session_.record());
}

base::Result<DeploymentResult> Journey::freeze(const base::Error& cause) {
  const std::string reason = session_.record().deployment->reason +
                             "; and going back failed: " + cause.to_string() +
                             "; nothing more is touched: " + runner_.describe_reality();
  PIPELINE_TRY(session_.write(
      rollout::Entered{.state = State::frozen,
                       .batch = 0,
                       .reason = reason,
                       .blame = Blame::nobody,
                       .hint = cause.hint().value_or(session_.record().deployment->hint)}));
  session_.report(reason);
  return gone_back(Verdict::frozen, session_.record());
}

base::Result<DeploymentResult> Journey::arrived() {
  const DeploymentResult result{
      .verdict = Verdict::promoted, .release = session_.record().current, .reason = {}};
  const auto due = rollout::cleaning_due(session_.record());
  if (!due || *due > clock_.now()) return result;
  // The release serves and is proved: what cannot be cleaned now is cleaned by the next command.
  if (const auto cleaned = clean(); !cleaned) session_.report(cleaned.error().to_string());
  return result;
}

}  // namespace pipeline::deploy
