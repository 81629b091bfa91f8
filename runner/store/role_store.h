// Which roles people and groups have been given, and where. A port; tests/contract/runner/store is
// its contract. What a role allows: pipelines/access.
//
// Several processes may have one open on the same storage; a call is one transaction. Every change
// survives a power cut once the call has returned. Threads: an object belongs to one thread.
#pragma once

#include <string>
#include <vector>

#include "pipelines/access/access.h"
#include "pipelines/access/subject.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

struct RoleEntry {
  access::Subject subject;
  access::Grant grant;
  base::TimePoint granted_at;
  bool operator==(const RoleEntry&) const = default;
};

class RoleStore {
 public:
  virtual ~RoleStore() = default;
  // Instead of the role that the subject had in that place. ErrorKind::not_found when there is no
  // such user or group.
  virtual base::Result<> set(const RoleEntry& entry) = 0;
  // False when the subject had none there.
  virtual base::Result<bool> remove(const access::Subject& subject, const access::Place& place) = 0;
  // By subject, users first.
  virtual base::Result<std::vector<RoleEntry>> list() = 0;
  // The user's own, and those of the groups that he is in.
  virtual base::Result<std::vector<access::Grant>> grants_of(const std::string& user) = 0;
  // All in that repository: it is not known any more.
  virtual base::Result<> forget(const std::string& repository) = 0;
};

}  // namespace pipeline::store
