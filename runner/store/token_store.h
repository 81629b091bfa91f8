// Who may use the API: names with what they may do, found by the digest of a token. A port;
// tests/contract/runner/store is its contract.
//
// Several processes may have one open on the same storage; a call is one transaction. Every change
// survives a power cut once the call has returned. Threads: an object belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

struct TokenEntry {
  std::string name;                 // "alice": what the audit log calls who has it
  std::vector<std::string> scopes;  // words of runner/server/api/scope.h
  base::TimePoint created_at;
  std::optional<base::TimePoint> expires_at{};
  // Whose it is: what it allows is no more than his roles do. None: a service's own, whose scopes
  // hold everywhere.
  std::optional<std::string> user{};
  bool is_session = false;  // made by a login
  // What agents that come with it may call theirs; none: any label.
  std::optional<std::vector<std::string>> labels{};
  bool operator==(const TokenEntry&) const = default;
};

class TokenStore {
 public:
  virtual ~TokenStore() = default;
  // ErrorKind::already_exists when there is a token of that name, ErrorKind::not_found when there
  // is no such user.
  virtual base::Result<> add(const TokenEntry& entry, const base::Digest& digest) = 0;
  // Also one that has expired: time is the caller's.
  virtual base::Result<std::optional<TokenEntry>> find(const base::Digest& digest) = 0;
  // By name.
  virtual base::Result<std::vector<TokenEntry>> list() = 0;
  // False when there was none.
  virtual base::Result<bool> remove(const std::string& name) = 0;
  // Those that have expired. Other tokens stay until they are removed.
  virtual base::Result<> remove_ended_sessions(base::TimePoint now) = 0;
};

}  // namespace pipeline::store
