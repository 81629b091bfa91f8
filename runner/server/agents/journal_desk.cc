#include "runner/server/agents/journal_desk.h"

#include "pipelines/rollout/journal_json.h"

namespace pipeline::server {

using base::ErrorKind;
using base::Result;
using deploy::EnvironmentKey;
using protocol::JournalAsk;
using protocol::JournalReply;

// One at a time: nobody can take the environment between the look at the lease and the entry.
Result<JournalReply> JournalDesk::answer(const link::AgentName& agent,
                                         const link::AttemptWord& word, const JournalAsk& ask) {
  const std::scoped_lock guard(mutex_);
  PIPELINE_ASSIGN(const link::DeployedPlace place, desk_.place_of(agent, word));
  return answer(word.attempt, place, ask);
}

Result<JournalReply> JournalDesk::answer(const link::AttemptKey& attempt,
                                         const link::DeployedPlace& place, const JournalAsk& ask) {
  const EnvironmentKey own{place.pipeline, place.environment};
  const bool writes = ask.kind == JournalAsk::Kind::turn || ask.kind == JournalAsk::Kind::append;
  if (place.reads_only && writes)
    return base::fail(ErrorKind::invalid, "whoever only looks has nothing to write down");
  JournalReply reply;
  switch (ask.kind) {
    case JournalAsk::Kind::turn:
      return turn(attempt, own);
    case JournalAsk::Kind::read:
      return read(own, place, ask.environment);
    case JournalAsk::Kind::append: {
      PIPELINE_ASSIGN(const rollout::Entry entry, rollout::entry_from_json(ask.entry));
      PIPELINE_ASSIGN(deploy::Journal* const journal, tools_.journal());
      PIPELINE_TRY(journal->append(own, ask.turn, entry));
      break;
    }
    case JournalAsk::Kind::settings: {
      PIPELINE_ASSIGN(const toggle::Settings settings, tools_.settings(own));
      for (const auto& [flag, setting] : settings) reply.settings[flag] = setting.value;
      break;
    }
    case JournalAsk::Kind::leave:
      places_.erase(attempt);
      break;
  }
  return reply;
}

Result<JournalReply> JournalDesk::turn(const link::AttemptKey& attempt, const EnvironmentKey& key) {
  sweep_places();
  auto& place = places_[attempt];
  if (!place) {
    PIPELINE_ASSIGN(deploy::Journal* const journal, tools_.journal());
    PIPELINE_ASSIGN(place, journal->enqueue(key));
  }
  PIPELINE_ASSIGN(deploy::Turn turn, place->poll());
  JournalReply reply;
  reply.turn = turn.fence;
  reply.holder = std::move(turn.holder);
  return reply;
}

Result<JournalReply> JournalDesk::read(const EnvironmentKey& own, const link::DeployedPlace& place,
                                       const std::string& environment) {
  const EnvironmentKey key{own.pipeline, environment.empty() ? own.environment : environment};
  if (key != own && place.promote_from != key.environment)
    return base::fail(ErrorKind::invalid,
                      "this deployment has nothing to do with " + key.environment);
  PIPELINE_ASSIGN(deploy::Journal* const journal, tools_.journal());
  PIPELINE_ASSIGN(const auto entries, journal->read(key));
  PIPELINE_ASSIGN(const auto holder, journal->holder(key));
  JournalReply reply;
  reply.holder = holder.value_or("");
  for (const rollout::Entry& entry : entries) reply.entries.push_back(rollout::to_json(entry));
  PIPELINE_ASSIGN(reply.newest, journal->newest());
  return reply;
}

Result<> JournalDesk::take_up() {
  const std::scoped_lock guard(mutex_);
  PIPELINE_ASSIGN(deploy::Journal* const journal, tools_.journal());
  for (const auto& [attempt, place] : desk_.deployments()) {
    if (place.reads_only) continue;
    PIPELINE_ASSIGN(places_[attempt], journal->enqueue({place.pipeline, place.environment}));
  }
  return {};
}

void JournalDesk::sweep() {
  const std::scoped_lock guard(mutex_);
  sweep_places();
}

void JournalDesk::sweep_places() {
  if (places_.empty()) return;
  const auto leases = desk_.deployments();
  std::erase_if(places_, [&](const auto& place) { return !leases.contains(place.first); });
}

}  // namespace pipeline::server
