#include "runner/serve/succession.h"

#include "runner/serve/hosted.h"
#include "stages/source/refs.h"

namespace pipeline::serve {

namespace {

using base::ErrorKind;
using base::Result;

}  // namespace

Succession::Succession(const Parts& parts)
    : parts_(parts),
      starter_(parts.runs, parts.tell),
      followers_({.runs = parts.stored_runs,
                  .successes = parts.successes,
                  .repositories = parts.repositories,
                  .paths = parts.paths,
                  .clock = parts.clock,
                  .begin = [this](const Follow& follow) { return begin(follow); },
                  .tell = parts.tell}),
      ticker_(parts.clock, [this] { return followers_.advance(); }) {}

void Succession::note(const run::Event& event) {
  if (Followers::is_news(event)) ticker_.wake();
}

void Succession::waits_for(const std::string& repository, std::set<std::string> others) {
  followers_.waits_for(repository, std::move(others));
}

Result<std::optional<source::Revision>> Succession::revision_of(const Follow& follow,
                                                                const std::string& location) {
  if (!follow.repository.url) {
    PIPELINE_ASSIGN(const auto refs, source::refs_at(location));
    if (refs.empty()) return std::optional<source::Revision>();
  }
  PIPELINE_ASSIGN(source::Source* const source, parts_.services.source());
  auto revision = source->fetch(location, follow.commit, nullptr);
  if (revision) return std::optional(*std::move(revision));
  const base::Error& error = revision.error();
  // Its head is a branch that nobody has pushed yet.
  if (follow.commit.empty() && error.kind() == ErrorKind::invalid)
    return std::optional<source::Revision>();
  return error.kind() == ErrorKind::timed_out
             ? base::fail(ErrorKind::unavailable, error.to_string())
             : base::fail(error);
}

Result<> Succession::begin(const Follow& follow) {
  const std::string location = address_of(follow.repository, parts_.paths);
  PIPELINE_ASSIGN(const auto revision, revision_of(follow, location));
  if (!revision) return {};
  RepositoryEvent event{.repository = follow.repository.name,
                        .location = location,
                        .place = "the success of run " + std::to_string(*follow.event.after),
                        .revision = *revision,
                        .event = follow.event,
                        .not_these = follow.not_these,
                        .cause = "success of run " + std::to_string(*follow.event.after)};
  if (!event.event.from) event.event.from = revision->branch;
  return starter_.start(parts_.services, event);
}

}  // namespace pipeline::serve
