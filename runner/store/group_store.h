// Groups of the people whom a server knows. A port; tests/contract/runner/store is its contract.
//
// A member is one because an operator said so, or because the identity provider did when she last
// logged in; each is kept apart from the other.
// Several processes may have one open on the same storage; a call is one transaction. Every change
// survives a power cut once the call has returned. Threads: an object belongs to one thread.
#pragma once

#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

struct GroupEntry {
  std::string name;
  base::TimePoint added_at;
  std::vector<std::string> members{};  // users, by name
  bool operator==(const GroupEntry&) const = default;
};

class GroupStore {
 public:
  virtual ~GroupStore() = default;
  // Without members. ErrorKind::already_exists when there is one of that name.
  virtual base::Result<> add(const std::string& name, base::TimePoint now) = 0;
  // By name.
  virtual base::Result<std::vector<GroupEntry>> list() = 0;
  // With its roles. False when there was none.
  virtual base::Result<bool> remove(const std::string& name) = 0;
  // No change when he is one. ErrorKind::not_found when there is no such group or user.
  virtual base::Result<> add_member(const std::string& group, const std::string& user) = 0;
  // Whoever made him one. False when he was none.
  virtual base::Result<bool> remove_member(const std::string& group, const std::string& user) = 0;
  // Which groups the provider says that she is in; those of them that are known here count.
  virtual base::Result<> set_by_login(const std::string& user,
                                      const std::vector<std::string>& groups) = 0;
  // By name.
  virtual base::Result<std::vector<std::string>> groups_of(const std::string& user) = 0;
};

}  // namespace pipeline::store
