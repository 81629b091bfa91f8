// The repositories that a server builds, by the names that people and addresses call them by. A
// port; tests/contract/runner/store is its contract.
//
// Several processes may have one open on the same storage; a call is one transaction. Every change
// survives a power cut once the call has returned. Threads: an object belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/forge/forge.h"

namespace pipeline::store {

// What becomes of pull requests that come from forks: whoever has a fork says what they run.
enum class ForkPullRequests {
  ignore,
  run,
  approve_first,  // each commit waits for the word of somebody who may approve
};

struct RepositoryEntry {
  std::string name;
  std::optional<std::string> url{};  // none: it is hosted here
  base::TimePoint added_at;
  std::optional<forge::Forge> forge{};   // whose webhooks are heard; none: nobody's
  std::optional<base::Duration> poll{};  // how often its refs are looked at unasked; none: never
  ForkPullRequests fork_pull_requests = ForkPullRequests::ignore;
  std::optional<std::string> api_url{};  // where its forge is called; none: it follows from its url
  bool is_status_public = false;         // how its pipelines are is told to everybody who asks
  bool operator==(const RepositoryEntry&) const = default;
};

class RepositoryStore {
 public:
  virtual ~RepositoryStore() = default;
  // ErrorKind::already_exists when there is one of that name.
  virtual base::Result<> add(const RepositoryEntry& entry) = 0;
  virtual base::Result<std::optional<RepositoryEntry>> find(const std::string& name) = 0;
  // By name.
  virtual base::Result<std::vector<RepositoryEntry>> list() = 0;
  // How it is told of: api_url and is_status_public of the one of that name are what the entry
  // says. False when there is none.
  virtual base::Result<bool> change(const RepositoryEntry& entry) = 0;
  // False when there was none.
  virtual base::Result<bool> remove(const std::string& name) = 0;
};

}  // namespace pipeline::store
