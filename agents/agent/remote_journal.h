// The deployment journal of one environment in its server's store, as the driver on an agent's
// machine has it: every entry is durable there before the step that it speaks of is taken.
//
// A server that is gone is waited for, with bounded patience, and asked again: an entry whose reply
// was lost is not written twice. One that says that the lease is over, or that another driver has
// the environment, is believed: ErrorKind::conflict, and nothing more may be done.
//
// Only one environment can be entered, and read: the lease's own; one that it promotes from can be
// read too. Threads: one.
#pragma once

#include <functional>
#include <memory>

#include "agents/protocol/agent_messages.h"
#include "pipelines/base/duration.h"
#include "pipelines/toggle/setting.h"
#include "stages/deploy/journal.h"

namespace pipeline::agent {

// Asks the server once.
using AskJournal = std::function<base::Result<protocol::JournalReply>(const protocol::JournalAsk&)>;

// Over HTTP, with the lease of the attempt.
AskJournal journal_over_http(const protocol::JournalAccess& access,
                             const protocol::AttemptKey& attempt);

struct Patience {
  std::uint32_t tries = 150;    // with the server, for one call
  std::function<void()> pause;  // between two
};

class RemoteJournal final : public deploy::Journal {
 public:
  // Waited for as the place at the server is: on this machine two drivers never overlap, whatever
  // the server thinks of the leases of both. May be empty.
  using LocalPlace = std::function<base::Result<std::unique_ptr<deploy::QueuePlace>>(
      const deploy::EnvironmentKey&)>;

  RemoteJournal(AskJournal ask, deploy::EnvironmentKey own, Patience patience,
                LocalPlace local_place = {});

  base::Result<std::unique_ptr<deploy::QueuePlace>> enqueue(
      const deploy::EnvironmentKey& key) override;
  base::Result<std::optional<std::string>> holder(const deploy::EnvironmentKey& key) override;
  base::Result<> append(const deploy::EnvironmentKey& key, std::uint64_t fence,
                        const rollout::Entry& entry) override;
  base::Result<std::vector<rollout::Entry>> read(const deploy::EnvironmentKey& key) override;
  // The lease's own, if it has an entry.
  base::Result<std::vector<deploy::EnvironmentKey>> environments() override;
  base::Result<std::uint64_t> newest() override;

  // What operators have set its flags to.
  base::Result<toggle::Settings> settings();

 private:
  class Place;

  // ErrorKind::invalid for another environment.
  base::Result<> expect_own(const deploy::EnvironmentKey& key) const;
  base::Result<protocol::JournalReply> read_reply(const deploy::EnvironmentKey& key);

  // Shared with the place, which may outlive the journal.
  struct Line {
    AskJournal ask;
    Patience patience;
    // Again and again, as long as the server is gone and the patience lasts.
    base::Result<protocol::JournalReply> call(const protocol::JournalAsk& what) const;
  };
  const std::shared_ptr<const Line> line_;
  const deploy::EnvironmentKey own_;
  const LocalPlace local_place_;
};

}  // namespace pipeline::agent
