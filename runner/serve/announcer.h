// What is to be told of runs: their events are followed, and what is worth telling is put into the
// outbox (store/notice_store.h), for the courier to deliver.
//
// Runs do not wait for it: their threads only say that there is news. What a server that died had
// not come to is found in the outbox's own account of how far it was.
// Threads: note() from any; advance() on one, which the parts belong to.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/notify/happening.h"
#include "runner/notify/news.h"
#include "runner/store/notice_store.h"
#include "runner/store/paths.h"
#include "runner/store/pull_request_store.h"
#include "runner/store/repository_store.h"
#include "runner/store/run_store.h"
#include "runner/store/secret_vault.h"

namespace pipeline::serve {

class Announcer {
 public:
  // What they refer to outlives it.
  struct Parts {
    store::RunStore& runs;
    store::NoticeStore& notices;
    store::RepositoryStore& repositories;
    store::PullRequestStore& pull_requests;
    store::SecretVault& secrets;
    const store::Paths& paths;
    const base::Clock& clock;
    std::function<std::string()> server;  // where people find it; empty: not known
    bool has_mail = false;                // there is a way for mail to leave
    std::string traces{};                 // who is sent a trace of each run; empty: nobody
    std::function<void(const std::string& line)> tell;
  };

  explicit Announcer(Parts parts) : parts_(std::move(parts)) {}

  // Whether the event may be worth telling: then advance() has something to do. Null: any may.
  bool note(run::RunId run, const run::Event* event);
  // Looks at all that was noted; the first time at what an earlier server left, too. Returns when
  // it is to be called next, if nothing is noted before.
  base::TimePoint advance();

 private:
  // A run that is followed.
  struct Followed {
    run::RunSpec spec;
    std::vector<model::NotifyRule> rules;
    std::optional<store::RepositoryEntry> repository;  // none: no repository of this server's
    notify::RunFollower follower;
    std::uint64_t seen = 0;  // its newest event that was followed
    std::uint64_t told = 0;  // the newest that the outbox knows of
  };

  base::Result<> look(run::RunId run);
  base::Result<Followed*> find(run::RunId run);
  base::Result<std::optional<store::RepositoryEntry>> repository_of(const run::RunSpec& spec);
  base::Result<std::vector<store::Notice>> notices_of(run::RunId run, const Followed& followed,
                                                      const notify::Happening& happening);
  base::Result<notify::News> news_of(run::RunId run, const Followed& followed,
                                     const notify::Happening& happening);
  base::Result<std::optional<run::RunStatus>> end_before(run::RunId run, const run::RunSpec& spec);
  base::Result<std::optional<store::Notice>> trace_of(run::RunId run, const run::RunSpec& spec,
                                                      const run::Event& end);
  base::Result<std::optional<store::Notice>> status_of(const Followed& followed,
                                                       const notify::News& news);
  void add_for(const model::NotifyRule& rule, const notify::News& news,
               std::vector<store::Notice>& notices) const;

  const Parts parts_;
  std::map<run::RunId, Followed> followed_;
  bool has_looked_back_ = false;
  std::mutex mutex_;  // guards what follows
  std::set<run::RunId> news_;
};

}  // namespace pipeline::serve
