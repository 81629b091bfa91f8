// Branches of hosted repositories that are protected, and the pushes to them that wait for a run. A
// port; tests/contract/runner/store is its contract.
//
// Several processes may have one open on the same storage; a call is one transaction. Every change
// survives a power cut once the call has returned. Threads: an object belongs to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipelines/access/role.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

struct Protection {
  std::string repository;  // its name on the server
  std::string branches;    // a pattern: base/glob.h
  bool waits_for_pipeline = false;
  bool allows_force = false;                 // deletion, and what is no fast-forward
  access::Role role = access::Role::runner;  // that pushing takes
  bool operator==(const Protection&) const = default;
};

// A commit that was pushed to a protected branch and is kept aside until its runs have ended.
struct WaitingPush {
  std::uint64_t number = 0;  // given by the store
  std::string repository;
  std::string branch;
  std::string before;  // what the branch was at; empty: it was not there
  std::string commit;
  std::string who;
  base::TimePoint at{};
  bool operator==(const WaitingPush&) const = default;
};

class ProtectionStore {
 public:
  virtual ~ProtectionStore() = default;
  // Instead of the one of the same pattern.
  virtual base::Result<> set(const Protection& protection) = 0;
  // Of the repository, by pattern.
  virtual base::Result<std::vector<Protection>> list(const std::string& repository) = 0;
  // False when there was none.
  virtual base::Result<bool> remove(const std::string& repository, const std::string& branches) = 0;

  // Its number: that of the one that waits already when there is one of that commit for that
  // branch.
  virtual base::Result<std::uint64_t> wait(const WaitingPush& push) = 0;
  // All, oldest first.
  virtual base::Result<std::vector<WaitingPush>> waiting() = 0;
  virtual base::Result<> decided(std::uint64_t number) = 0;

  // All of that repository: it is not known any more.
  virtual base::Result<> forget(const std::string& repository) = 0;
};

}  // namespace pipeline::store
