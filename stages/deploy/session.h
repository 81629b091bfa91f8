// An environment held: our turn in its queue, its record, and the pen that writes its journal. One
// thread.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/rollout/journal_entry.h"
#include "stages/deploy/deployer.h"
#include "stages/deploy/journal.h"
#include "stages/deploy/waiter.h"

namespace pipeline::deploy {

class Session {
 public:
  // Waits until everybody who came earlier is done, and says for whom. ErrorKind::cancelled when
  // stopped meanwhile.
  static base::Result<Session> open(const EnvironmentKey& key, Journal& journal, Waiter& waiter,
                                    const base::Clock& clock, const Observer& observer,
                                    const std::stop_token& stop);

  const EnvironmentKey& key() const { return key_; }
  const rollout::EnvironmentRecord& record() const { return record_; }
  // Durably, then into the record. After a failure nothing more may be done to the outside: what is
  // not written down cannot be undone by whoever comes next.
  base::Result<> write(rollout::EntryBody body);
  void report(const std::string& state, const std::string& detail) const;
  // In the present state of the deployment.
  void report(const std::string& detail) const;

 private:
  Session(EnvironmentKey key, Journal& journal, const base::Clock& clock, Observer observer)
      : key_(std::move(key)), journal_(&journal), clock_(&clock), observer_(std::move(observer)) {}

  EnvironmentKey key_;
  Journal* journal_;
  const base::Clock* clock_;
  Observer observer_;
  std::unique_ptr<QueuePlace> place_;
  std::uint64_t fence_ = 0;
  rollout::EnvironmentRecord record_;
};

}  // namespace pipeline::deploy
