// The audit log of a server: every change that somebody asked for, noted before he is answered.
//
// Threads: safe from any.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "runner/server/api/endpoint.h"
#include "runner/server/api/router.h"
#include "runner/store/audit_store.h"

namespace pipeline::serve {

class AuditLog {
 public:
  // All outlive it; the store is its own. `tell`: what an operator should know.
  AuditLog(store::AuditStore& store, const base::Clock& clock,
           std::function<void(const std::string& line)> tell)
      : store_(store), clock_(clock), tell_(std::move(tell)) {}

  void note(const api::Change& change);
  std::vector<api::Endpoint> endpoints();

 private:
  void list(const api::Call& call);

  store::AuditStore& store_;
  const base::Clock& clock_;
  const std::function<void(const std::string&)> tell_;
  std::mutex mutex_;  // held while the store is used
};

}  // namespace pipeline::serve
