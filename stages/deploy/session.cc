#include "stages/deploy/session.h"

namespace pipeline::deploy {

namespace {

constexpr base::Duration kQueuePoll = std::chrono::milliseconds(100);

}  // namespace

base::Result<Session> Session::open(const EnvironmentKey& key, Journal& journal, Waiter& waiter,
                                    const base::Clock& clock, const Observer& observer,
                                    const std::stop_token& stop) {
  Session session(key, journal, clock, observer);
  PIPELINE_ASSIGN(session.place_, journal.enqueue(key));
  std::string told;
  while (session.fence_ == 0) {
    PIPELINE_ASSIGN(const Turn turn, session.place_->poll());
    if (turn.fence) {
      session.fence_ = *turn.fence;
      break;
    }
    if (turn.holder != told) {
      session.report(
          "queued", "waiting for the deployment to " + key.environment + " held by " + turn.holder);
      told = turn.holder;
    }
    if (waiter.wait(kQueuePoll, stop) == Waited::stopped) {
      return base::fail(base::ErrorKind::cancelled, "stopped while waiting for " + turn.holder);
    }
  }
  PIPELINE_ASSIGN(const auto entries, journal.read(key));
  PIPELINE_ASSIGN(session.record_, rollout::fold(entries));
  return session;
}

base::Result<> Session::write(rollout::EntryBody body) {
  const rollout::Entry entry{.at = clock_->now(), .body = std::move(body)};
  // Against a copy first: what does not follow must not reach the journal.
  rollout::EnvironmentRecord next = record_;
  PIPELINE_TRY(rollout::apply(next, entry));
  if (auto written = journal_->append(key_, fence_, entry); !written) {
    return base::fail(std::move(written)
                          .error()
                          .during("write the deployment journal")
                          .hint("when that is mended, `pipeline deploy --resume " +
                                key_.environment + "` brings the environment in order"));
  }
  record_ = std::move(next);
  return {};
}

void Session::report(const std::string& state, const std::string& detail) const {
  if (observer_) observer_({.state = state, .detail = detail});
}

void Session::report(const std::string& detail) const {
  const auto state = record_.deployment ? record_.deployment->state : rollout::State::locked;
  report(std::string(to_string(state)), detail);
}

}  // namespace pipeline::deploy
