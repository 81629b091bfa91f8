// What the scheduler works on: pipelines as they stand in git, and runs of this server; whoever
// looks at these on the way says what else of them starts runs.
//
// Threads: one, whose own the services and the store are.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "runner/cli/services.h"
#include "runner/serve/scheduler.h"
#include "runner/serve/served_runs.h"
#include "runner/store/paths.h"
#include "runner/store/repository_store.h"

namespace pipeline::serve {

class ScheduledRepositories {
 public:
  // Called with the other repositories whose pipelines those of one wait for.
  using OnUpstreams =
      std::function<void(const std::string& repository, std::set<std::string> others)>;

  // All outlive it.
  ScheduledRepositories(ServedRuns& runs, cli::Services& services,
                        store::RepositoryStore& repositories, const store::Paths& paths,
                        OnUpstreams on_upstreams)
      : runs_(runs),
        services_(services),
        repositories_(repositories),
        paths_(paths),
        on_upstreams_(std::move(on_upstreams)) {}

  // As SchedulerPorts has them.
  base::Result<FoundSchedules> read(const std::string& repository);
  base::Result<run::RunId> begin(const store::ScheduleKey& key, base::TimePoint at);

 private:
  // None: it has no commit yet.
  base::Result<std::optional<source::Revision>> head_of(const store::RepositoryEntry& entry);
  base::Result<store::RepositoryEntry> entry_of(const std::string& repository);
  // 0: none has.
  base::Result<run::RunId> begun_already(const source::Revision& head,
                                         const store::ScheduleKey& key, base::TimePoint at);

  ServedRuns& runs_;
  cli::Services& services_;
  store::RepositoryStore& repositories_;
  const store::Paths& paths_;
  const OnUpstreams on_upstreams_;
};

}  // namespace pipeline::serve
