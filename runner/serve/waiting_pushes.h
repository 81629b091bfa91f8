// Commits that were pushed to branches which wait for their pipeline: each is kept aside in the
// repository, has the runs that a push of it to the branch would start, and becomes the branch's
// head when they have succeeded, if it still is a fast-forward then. One whose run ends otherwise
// is given up.
//
// What waits is in the database, and refs/pipeline/waiting/NUMBER keeps the commit: a server that
// is killed goes on where it was, at the first look() of the next. A run is known again by what it
// builds, so none is started twice.
//
// Threads: safe from any; one thing at a time.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "runner/serve/event_starter.h"
#include "runner/serve/ref_trigger.h"
#include "runner/store/paths.h"
#include "runner/store/protection_store.h"

namespace pipeline::serve {

class WaitingPushes {
 public:
  struct Parts {
    ServedRuns& runs;
    RefTrigger& refs;
    ServedRuns::MakeServices make_services;
    std::function<base::Result<std::unique_ptr<store::ProtectionStore>>()> open;
    const store::Paths& paths;
    const base::Clock& clock;
    std::function<void(const std::string& repository)> on_move;
    std::function<void(const std::string& line)> tell;
  };

  // What the parts refer to outlives it.
  explicit WaitingPushes(Parts parts)
      : parts_(std::move(parts)), starter_(parts_.runs, parts_.tell) {}

  // The runs that decide on it, which have begun. ErrorKind::invalid, with a hint, when no pipeline
  // of the commit runs when it is pushed there: then it is not kept. Not on a thread that runs wait
  // for.
  base::Result<std::vector<run::RunId>> keep(store::WaitingPush push);
  // Moves what can be moved and gives up what has failed; not on a thread that runs wait for.
  void look();

 private:
  struct Decider {
    run::RunId id = 0;
    std::string pipeline_file;
    run::RunStatus status = run::RunStatus::created;
  };

  base::Result<> look_at(store::ProtectionStore& store, cli::Services& services,
                         const store::WaitingPush& push);
  // Those that there are already.
  base::Result<std::vector<Decider>> deciders_of(cli::Services& services,
                                                 const store::WaitingPush& push) const;
  // Those and the ones that had not begun.
  base::Result<std::vector<Decider>> begin(cli::Services& services, const store::WaitingPush& push);
  // Moves the branch, if it may, and is done with the push.
  base::Result<> settle(store::ProtectionStore& store, const store::WaitingPush& push);
  base::Result<> decided(store::ProtectionStore& store, const store::WaitingPush& push) const;

  const Parts parts_;
  EventStarter starter_;
  std::mutex mutex_;               // held while anything is done
  std::set<std::uint64_t> begun_;  // those whose runs have all begun
};

}  // namespace pipeline::serve
