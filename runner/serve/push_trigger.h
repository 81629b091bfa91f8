// Runs that pushes to hosted repositories start: every pipeline of a pushed branch or tag that says
// so in its [triggers].
//
// What was pushed is what differs from the refs that are known to have had their runs. They are
// noted once the runs have begun, so a push that came while the server died is seen by the next
// one. Threads: any, one push of a repository at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runner/serve/served_runs.h"
#include "runner/store/paths.h"

namespace pipeline::serve {

class PushTrigger {
 public:
  using MakeServices = ServedRuns::MakeServices;

  // All outlive it.
  PushTrigger(ServedRuns& runs, MakeServices make_services, const store::Paths& paths,
              std::function<void(const std::string& line)> tell)
      : runs_(runs),
        make_services_(std::move(make_services)),
        paths_(paths),
        tell_(std::move(tell)) {}

  // Returns when the runs have begun. What is wrong with a pushed pipeline is told of.
  void look(const std::string& repository);

 private:
  using Refs = std::map<std::string, std::string>;  // full name → id

  base::Result<> start_runs(const std::string& repository);
  base::Result<> start_runs_of(cli::Services& services, const std::string& repository,
                               const std::string& ref, const std::string& before);
  void start(cli::RunOptions options, const cli::EventWish& event, const std::string& what);

  ServedRuns& runs_;
  const MakeServices make_services_;
  const store::Paths& paths_;
  const std::function<void(const std::string&)> tell_;
  std::mutex mutex_;  // held while a repository is looked at
};

}  // namespace pipeline::serve
