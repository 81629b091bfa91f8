// Runs that begin because another pipeline has succeeded ([triggers] pipeline): in the same
// repository of the commit that the other was of, in others of their heads.
//
// What was not looked at when a server died is by the next one; a run that has begun by then does
// not begin again. A pipeline never starts itself, over however many others.
// Threads: is_news() and waits_for() from any; advance() on one, which the parts belong to.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "runner/cli/options.h"
#include "runner/store/paths.h"
#include "runner/store/repository_store.h"
#include "runner/store/run_store.h"
#include "runner/store/success_store.h"

namespace pipeline::serve {

// What a success means to one repository.
struct Follow {
  store::RepositoryEntry repository;
  std::string commit;  // empty: its head
  cli::EventWish event;
  std::set<std::string> not_these;  // pipeline files that are not started by it
};

class Followers {
 public:
  // What they refer to outlives it.
  struct Parts {
    store::RunStore& runs;
    store::SuccessStore& successes;
    store::RepositoryStore& repositories;
    const store::Paths& paths;
    const base::Clock& clock;
    // Returns once the runs have begun. ErrorKind::unavailable: it is to be tried again.
    std::function<base::Result<>(const Follow& follow)> begin;
    std::function<void(const std::string& line)> tell;
  };

  explicit Followers(Parts parts) : parts_(std::move(parts)) {}

  // Whether it is a success: then advance() has something to do.
  static bool is_news(const run::Event& event);
  // Of which other repositories' pipelines those at that repository's head wait for. One of which
  // that is not known is looked at each time.
  void waits_for(const std::string& repository, std::set<std::string> others);
  // Returns when it is to be called next, if nothing succeeds before.
  base::TimePoint advance();

 private:
  // A pipeline file of a repository, as RunSpec has them.
  using File = std::pair<std::string, std::string>;

  base::Result<> follow(run::RunId run);
  base::Result<std::set<File>> already_begun(run::RunId run, std::set<File> files);
  base::Result<std::set<File>> before(const run::RunSpec& spec);
  void tell(run::RunId run, const base::Error& error) const;
  bool may_wait_for(const std::string& repository, const std::string& other);

  const Parts parts_;
  bool is_first_ = true;  // an earlier server may have begun some
  // Some of what they start may have begun; for which repositories there is no use in trying again.
  std::map<run::RunId, std::set<std::string>> tried_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::set<std::string>> waits_for_;
};

}  // namespace pipeline::serve
