// One attempt on this machine, from its grant to its end on the server.
//
// Threads: run() blocks, on one; instruct() and leave() from any.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "agents/agent/agent.h"
#include "agents/agent/shipper.h"
#include "stages/host/unique_fd.h"

namespace pipeline::agent {

class AttemptRun {
 public:
  static base::Result<std::unique_ptr<AttemptRun>> make(const AgentTools& tools, KeptAttempt kept);

  const protocol::AttemptWord& word() const { return kept_.word; }

  // From its beginning, with the grant; or, without one, of an attempt that an earlier agent began.
  // Returns when the server has all of it, has given it up, or leave() was called.
  void run(std::optional<protocol::Grant> grant);
  // What the server wants done with it.
  void instruct(const protocol::Instruction& instruction);
  // The job goes on without us.
  void leave();

 private:
  class Sink;

  AttemptRun(const AgentTools& tools, KeptAttempt kept, host::UniqueFd wake)
      : tools_(tools), kept_(std::move(kept)), wake_(std::move(wake)) {}

  base::Result<> begin(link::Link& link, ServerPort& server, std::optional<protocol::Grant> grant,
                       link::EventSink& sink);
  base::Result<> begin_new(link::Link& link, ServerPort& server, protocol::Grant grant,
                           link::EventSink& sink);
  base::Result<> take_up(link::Link& link, link::EventSink& sink);
  void follow(link::Link& link, ServerPort& server, link::EventSink& sink);
  // Its driver died: another one goes on, by what the journal says. False: it cannot.
  bool drive_again(link::Link& link, link::EventSink& sink);
  // With the way to the journal.
  void start(link::Link& link, protocol::JobOrder order, link::EventSink& sink);
  bool is_over() const { return is_leaving_ || is_dropped_; }
  void wake() const;
  void obey(link::Link& link);
  // Whether it is done with; errors are those of the server.
  base::Result<bool> bring(Shipper& shipper, ServerPort& server,
                           const std::function<bool()>& drive_again);
  run::JobFinished errored(const base::Error& error) const;
  std::optional<run::JobFinished> told_end();
  void wait(int files, bool is_server_gone) const;

  const AgentTools& tools_;
  const KeptAttempt kept_;
  const host::UniqueFd wake_;
  std::atomic<bool> is_leaving_{false};
  std::atomic<bool> is_dropped_{false};
  std::uint32_t drivers_ = 0;     // of a deployment, that were started here
  std::mutex mutex_;              // guards what follows
  ServerPort* server_ = nullptr;  // as long as run() talks to it
  std::vector<protocol::Instruction> instructions_;
  std::optional<run::JobFinished> told_end_;  // by the link
};

}  // namespace pipeline::agent
