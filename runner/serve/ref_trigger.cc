#include "runner/serve/ref_trigger.h"

#include "pipelines/base/text.h"
#include "runner/forge/forge.h"
#include "runner/serve/hosted.h"
#include "stages/source/branch_move.h"
#include "stages/source/refs.h"

namespace pipeline::serve {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using source::Refs;

// What is worth another try: the network, or a server that is stopping. Anything else would fail
// again.
bool may_be_better_later(const Error& error) {
  return error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::timed_out;
}

cli::EventWish pushed_event(const MovedRef& moved) {
  cli::EventWish event;
  if (moved.name.starts_with(kTags)) {
    event.event = cli::EventName::tag;
    event.tag = moved.name.substr(kTags.size());
  } else {
    event.event = cli::EventName::push;
    event.branch = moved.name.substr(kBranches.size());
  }
  return event;
}

// Of a repository that is elsewhere it is not known who pushed.
std::string cause_of(const store::RepositoryEntry& repository, const std::string& location,
                     const MovedRef& moved) {
  const std::string who =
      repository.url ? "" : source::moved_by(location, moved.name, moved.id).value_or("");
  return who.empty() ? "push" : "push by " + who;
}

// What is built of a pull request, and the commit of its target that it would change.
struct Proposal {
  source::Revision revision;
  std::string head;
  std::string onto;  // empty: not known
};

// What a merge would make, where the forge has made that of this very head; else the head itself.
Result<Proposal> proposal_of(source::Source& source, const std::string& location, const Refs& refs,
                             const forge::PullRequestRefs& names, const std::string& target) {
  Proposal proposal{.revision = {}, .head = refs.at(names.head), .onto = {}};
  if (refs.contains(names.merge)) {
    PIPELINE_ASSIGN(proposal.revision, source.fetch(location, names.merge, nullptr));
    const auto& parents = proposal.revision.parents;
    if (parents.size() == 2 && parents[1] == proposal.head) {
      proposal.onto = parents[0];
      return proposal;
    }
  }
  PIPELINE_ASSIGN(proposal.revision, source.fetch(location, names.head, nullptr));
  proposal.head = proposal.revision.commit;  // it may have moved since it was looked at
  if (const auto branch = refs.find(std::string(kBranches) + target); branch != refs.end())
    proposal.onto = branch->second;
  return proposal;
}

}  // namespace

Result<RepositoryEvent> pushed(cli::Services& services, const std::string& location,
                               const MovedRef& moved) {
  PIPELINE_ASSIGN(source::Source* const source, services.source());
  RepositoryEvent event{.repository = {},
                        .location = location,
                        .place = moved.name,
                        .revision = {},
                        .event = pushed_event(moved)};
  // By its id: what comes after it is another look's.
  PIPELINE_ASSIGN(event.revision, source->fetch(location, moved.id, nullptr));
  // Of a branch that is new, or was made anew, it is not known what changed.
  if (event.event.event == cli::EventName::push && !moved.before.empty())
    if (const auto earlier = source->fetch(location, moved.before, nullptr))
      event.event.changed =
          source->changed_paths(event.revision.repository, earlier->tree, event.revision.tree)
              .value_or(std::vector<std::string>());
  return event;
}

Result<bool> RefTrigger::fast_forward(const std::string& repository, const std::string& ref,
                                      const std::string& commit) {
  const std::scoped_lock guard(mutex_of(repository));
  PIPELINE_ASSIGN(const bool has_moved,
                  source::fast_forward(parts_.paths.repository(repository), ref, commit));
  if (!has_moved) return false;
  const auto file = parts_.paths.seen_refs(repository);
  Refs seen = load_seen(file).value_or(Refs());
  seen[ref] = commit;
  PIPELINE_TRY(save_seen(file, seen));
  return true;
}

std::mutex& RefTrigger::mutex_of(const std::string& repository) {
  const std::scoped_lock guard(mutex_);
  return by_repository_[repository];
}

Result<> RefTrigger::look(const store::RepositoryEntry& repository) {
  const std::scoped_lock guard(mutex_of(repository.name));
  Looked looked{.entry = repository, .location = address_of(repository, parts_.paths), .refs = {}};
  PIPELINE_ASSIGN(looked.refs, source::refs_at(looked.location));
  const auto pushes = look_at_pushes(looked);
  const auto pull_requests = look_at_pull_requests(looked);
  return pushes ? pull_requests : pushes;
}

Result<> RefTrigger::look_at_pushes(const Looked& looked) {
  const auto file = parts_.paths.seen_refs(looked.entry.name);
  const Refs now = branches_and_tags(looked.refs);
  const auto seen = load_seen(file);
  if (!seen && looked.entry.url) {
    parts_.tell(looked.entry.name +
                " is looked at for the first time: what is pushed from now on " + "starts runs");
    return save_seen(file, now);
  }
  Refs noted = seen.value_or(Refs());
  std::erase_if(noted, [&now](const auto& ref) { return !now.contains(ref.first); });
  if (seen != noted) PIPELINE_TRY(save_seen(file, noted));
  const auto moved = moved_since(noted, now);
  const auto services = moved.empty() ? nullptr : parts_.make_services();
  std::optional<Error> failure;
  for (const MovedRef& ref : moved) {
    const auto started = start_pushed(*services, looked, ref);
    if (!started && may_be_better_later(started.error())) {
      failure = started.error();
      continue;
    }
    if (!started) tell(looked, ref.name, started.error());
    noted[ref.name] = ref.id;
    PIPELINE_TRY(save_seen(file, noted));
  }
  if (failure) return base::fail(*failure);
  return {};
}

void RefTrigger::tell(const Looked& looked, const std::string& ref, const Error& error) const {
  parts_.tell(base::join({ref, " of ", looked.entry.name, ": ", error.to_string()}, ""));
}

Result<> RefTrigger::start_pushed(cli::Services& services, const Looked& looked,
                                  const MovedRef& moved) {
  PIPELINE_ASSIGN(RepositoryEvent event, pushed(services, looked.location, moved));
  event.repository = looked.entry.name;
  event.cause = cause_of(looked.entry, looked.location, moved);
  return starter_.start(services, event);
}

Result<> RefTrigger::look_at_pull_requests(const Looked& looked) {
  if (!looked.entry.forge) return {};
  PIPELINE_ASSIGN(const auto store, parts_.open_pull_requests());
  PIPELINE_ASSIGN(const auto requests, store->open_ones(looked.entry.name));
  std::unique_ptr<cli::Services> services;
  std::optional<Error> failure;
  for (const store::PullRequestEntry& request : requests) {
    const auto names = forge::refs_of_pull_request(*looked.entry.forge, request.number);
    const auto head = looked.refs.find(names.head);
    if (head == looked.refs.end() || head->second == request.seen) continue;
    PIPELINE_ASSIGN(const bool may_run, expect_word(*store, looked, request, head->second));
    if (!may_run) continue;
    if (!services) services = parts_.make_services();
    const auto started = start_pull_request(*services, looked, request);
    if (!started && may_be_better_later(started.error())) {
      failure = started.error();
      continue;
    }
    if (!started) tell(looked, names.head, started.error());
    PIPELINE_TRY(store->saw(request.repository, request.number, started ? *started : head->second));
  }
  if (failure) return base::fail(*failure);
  return {};
}

// Whether runs of it may begin at that head; one that waits for somebody's word is noted as such.
Result<bool> RefTrigger::expect_word(store::PullRequestStore& store, const Looked& looked,
                                     const store::PullRequestEntry& request,
                                     const std::string& head) const {
  using store::ForkPullRequests;
  const ForkPullRequests rule = looked.entry.fork_pull_requests;
  const bool needs_word = request.from_fork && rule == ForkPullRequests::approve_first;
  if (!needs_word) return !request.from_fork || rule == ForkPullRequests::run;
  if (request.approved == head) return true;
  if (request.waiting == head) return false;
  PIPELINE_TRY(store.waits(request.repository, request.number, head));
  const std::string number = std::to_string(request.number);
  parts_.tell("pull request " + number + " of " + request.repository +
              " comes from a fork and waits: pipeline pulls approve " + request.repository + " " +
              number);
  return false;
}

// The head that had its runs.
Result<std::string> RefTrigger::start_pull_request(cli::Services& services, const Looked& looked,
                                                   const store::PullRequestEntry& request) {
  PIPELINE_ASSIGN(source::Source* const source, services.source());
  const auto names = forge::refs_of_pull_request(*looked.entry.forge, request.number);
  PIPELINE_ASSIGN(Proposal proposal,
                  proposal_of(*source, looked.location, looked.refs, names, request.target));
  const bool needs_word = request.from_fork &&
                          looked.entry.fork_pull_requests == store::ForkPullRequests::approve_first;
  // It has moved since the refs were asked: what came is another commit.
  if (needs_word && proposal.head != request.approved)
    return base::fail(ErrorKind::unavailable, "what was approved is not there any more");
  RepositoryEvent event{.repository = looked.entry.name,
                        .location = looked.location,
                        .place = "pull request " + std::to_string(request.number),
                        .revision = std::move(proposal.revision),
                        .event = {.event = cli::EventName::pull_request,
                                  .branch = request.target,
                                  // No branch of the repository's own: what a fork's is called is
                                  // the stranger's choice.
                                  .from = "pull/" + std::to_string(request.number),
                                  .untrusted = request.from_fork},
                        .cause = "pull request " + std::to_string(request.number)};
  if (!proposal.onto.empty())
    event.event.changed =
        source->brought_by(event.revision.repository, proposal.onto, event.revision.commit)
            .value_or(std::vector<std::string>());
  // Before it: what is said of the run is for the head.
  if (event.revision.commit != proposal.head) {
    PIPELINE_ASSIGN(const auto store, parts_.open_pull_requests());
    PIPELINE_TRY(store->note_merge(request.repository, event.revision.commit, proposal.head));
  }
  PIPELINE_TRY(starter_.start(services, event));
  return std::move(proposal.head);
}

}  // namespace pipeline::serve
