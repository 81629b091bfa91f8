// The deployment journal as agents have it that deploy: each only for the environment of a lease
// that it holds, and only as long as it holds it. It keeps the places in the environments' queues
// that drivers elsewhere have taken, until they give them up or their leases end.
//
// Threads: safe from any; calls wait for each other, and for the disk.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "agents/link/remote/agent_desk.h"
#include "pipelines/toggle/setting.h"
#include "stages/deploy/journal.h"

namespace pipeline::server {

class JournalDesk {
 public:
  // Called by one thread at a time, though not always the same.
  struct Tools {
    std::function<base::Result<deploy::Journal*>()> journal;
    std::function<base::Result<toggle::Settings>(const deploy::EnvironmentKey&)> settings;
  };

  // The desk outlives it.
  JournalDesk(link::AgentDesk& desk, Tools tools) : desk_(desk), tools_(std::move(tools)) {}

  // ErrorKind::conflict when the lease is over or another driver has the environment,
  // ErrorKind::invalid for what the lease has nothing to do with.
  base::Result<protocol::JournalReply> answer(const link::AgentName& agent,
                                              const link::AttemptWord& word,
                                              const protocol::JournalAsk& ask);
  // Places for the leases that an earlier server gave, before anybody else can take them: their
  // drivers go on with the turns that they have.
  base::Result<> take_up();
  // Places of leases that are over are free again.
  void sweep();

 private:
  base::Result<protocol::JournalReply> answer(const link::AttemptKey& attempt,
                                              const link::DeployedPlace& place,
                                              const protocol::JournalAsk& ask);
  base::Result<protocol::JournalReply> turn(const link::AttemptKey& attempt,
                                            const deploy::EnvironmentKey& key);
  base::Result<protocol::JournalReply> read(const deploy::EnvironmentKey& own,
                                            const link::DeployedPlace& place,
                                            const std::string& environment);
  void sweep_places();

  link::AgentDesk& desk_;
  const Tools tools_;
  std::mutex mutex_;  // guards what follows, and the calls of the tools
  std::map<link::AttemptKey, std::unique_ptr<deploy::QueuePlace>> places_;
};

}  // namespace pipeline::server
