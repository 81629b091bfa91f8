// What an event in a repository starts: a run of every pipeline of the tree whose [triggers] say
// so.
//
// Threads: safe from any.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "runner/cli/services.h"
#include "runner/serve/served_runs.h"
#include "stages/source/source.h"

namespace pipeline::serve {

struct RepositoryEvent {
  std::string repository;     // its name here
  std::string location;       // path or URL
  std::string place;          // where in it, for a person: "refs/heads/main"
  source::Revision revision;  // what is built
  cli::EventWish event;
  std::set<std::string> not_these{};  // files of pipelines that it does not start
  std::string cause{};                // "push by ann"
};

class EventStarter {
 public:
  EventStarter(ServedRuns& runs, std::function<void(const std::string& line)> tell)
      : runs_(runs), tell_(std::move(tell)) {}

  // Returns when the runs have begun; each is told of, and what is wrong with a pipeline as well.
  // ErrorKind::unavailable when the event has to be tried again: the server is stopping.
  base::Result<> start(cli::Services& services, const RepositoryEvent& event);
  // The same for whom it matters that all of them can be planned: fails at the first that cannot.
  // By file.
  base::Result<std::map<std::string, run::RunId>> start_all(cli::Services& services,
                                                            const RepositoryEvent& event);

 private:
  // 0: it is not started by that.
  base::Result<run::RunId> start_one(const RepositoryEvent& event, const std::string& file);

  ServedRuns& runs_;
  const std::function<void(const std::string&)> tell_;
};

}  // namespace pipeline::serve
