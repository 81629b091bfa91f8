// The people whom a server knows. A port; tests/contract/runner/store is its contract.
//
// Several processes may have one open on the same storage; a call is one transaction. Every change
// survives a power cut once the call has returned. Threads: an object belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

// Somebody as an identity provider knows him: what it promises to call nobody else by. Names and
// e-mail addresses are no such thing.
struct Identity {
  std::string issuer;   // "https://id.example.org"
  std::string subject;  // OpenID Connect's `sub`
  bool operator==(const Identity&) const = default;
};

struct UserEntry {
  std::string name;  // "ann": what approvers, roles and the audit log call her
  base::TimePoint added_at;
  std::optional<Identity> identity{};  // none: she cannot log in through a provider
  bool operator==(const UserEntry&) const = default;
};

class UserStore {
 public:
  virtual ~UserStore() = default;
  // ErrorKind::already_exists when there is one of that name, or of that identity.
  virtual base::Result<> add(const UserEntry& entry) = 0;
  virtual base::Result<std::optional<UserEntry>> find(const std::string& name) = 0;
  virtual base::Result<std::optional<UserEntry>> find(const Identity& identity) = 0;
  // By name.
  virtual base::Result<std::vector<UserEntry>> list() = 0;
  // With her tokens, memberships and roles. False when there was none.
  virtual base::Result<bool> remove(const std::string& name) = 0;
};

}  // namespace pipeline::store
