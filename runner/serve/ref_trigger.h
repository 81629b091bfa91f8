// Runs that moves of refs start: of repositories that are hosted here and of those that are
// elsewhere, whoever said that there may be something new. What anybody says is never believed; the
// refs are asked, and what differs from those that are known to have had their runs is new.
//
// They are noted once the runs have begun, so a push that came while the server died is seen by the
// next one. A repository that is elsewhere has a past that nobody asks for runs of: its first look
// notes its refs and starts nothing.
//
// Threads: any; looks at one repository wait for each other.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "runner/serve/event_starter.h"
#include "runner/serve/seen_refs.h"
#include "runner/store/paths.h"
#include "runner/store/pull_request_store.h"
#include "runner/store/repository_store.h"

namespace pipeline::serve {

// The event of a ref that has moved in a repository at a path or URL, whose name is not filled in.
base::Result<RepositoryEvent> pushed(cli::Services& services, const std::string& location,
                                     const MovedRef& moved);

class RefTrigger {
 public:
  using MakeServices = ServedRuns::MakeServices;
  using OpenPullRequests = std::function<base::Result<std::unique_ptr<store::PullRequestStore>>()>;

  struct Parts {
    ServedRuns& runs;
    MakeServices make_services;
    OpenPullRequests open_pull_requests;  // for the thread that looks
    const store::Paths& paths;
    std::function<void(const std::string& line)> tell;
  };

  // What the parts refer to outlives it.
  explicit RefTrigger(Parts parts) : parts_(std::move(parts)), starter_(parts_.runs, parts_.tell) {}

  // Blocks until all runs have begun that there are to begin. What is wrong with a ref's pipelines
  // is told of, and does not come again; a failure means that there may be more to see later.
  base::Result<> look(const store::RepositoryEntry& repository);
  // Moves a branch of a hosted repository to a commit that has had its runs. False when that is no
  // fast-forward; ErrorKind::unavailable when somebody else moves it.
  base::Result<bool> fast_forward(const std::string& repository, const std::string& ref,
                                  const std::string& commit);

 private:
  struct Looked {
    const store::RepositoryEntry& entry;
    std::string location;
    source::Refs refs;
  };

  void tell(const Looked& looked, const std::string& ref, const base::Error& error) const;
  std::mutex& mutex_of(const std::string& repository);
  base::Result<> look_at_pushes(const Looked& looked);
  base::Result<> start_pushed(cli::Services& services, const Looked& looked, const MovedRef& moved);
  base::Result<> look_at_pull_requests(const Looked& looked);
  base::Result<bool> expect_word(store::PullRequestStore& store, const Looked& looked,
                                 const store::PullRequestEntry& request,
                                 const std::string& head) const;
  base::Result<std::string> start_pull_request(cli::Services& services, const Looked& looked,
                                               const store::PullRequestEntry& request);

  const Parts parts_;
  EventStarter starter_;
  std::mutex mutex_;                                 // guards what follows
  std::map<std::string, std::mutex> by_repository_;  // each held while it is looked at
};

}  // namespace pipeline::serve
