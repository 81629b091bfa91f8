// One attempt of one job, of whatever kind, as the worker sees it: it runs, it may be stopped, and
// it reports. run() posts everything but JobLeased, JobFinished last and always.
#pragma once

#include <memory>
#include <string>

#include "agents/link/link.h"
#include "agents/worker/deploy_turn.h"
#include "agents/worker/local_worker.h"

namespace pipeline::worker {

class Attempt {
 public:
  virtual ~Attempt() = default;
  // Blocks; once. The other two may come from another thread before, meanwhile and afterwards.
  virtual void run() = 0;
  virtual void stop(run::JobStatus as, const std::string& reason) = 0;
  virtual void stop_now() = 0;
};

std::unique_ptr<Attempt> make_command_attempt(const step::StepTools& tools,
                                              protocol::JobOrder order, link::EventSink& sink);
// `inner`, once the order's lock is held.
std::unique_ptr<Attempt> make_locked_attempt(const JoinLock& join, const protocol::JobOrder& order,
                                             std::unique_ptr<Attempt> inner, link::EventSink& sink);
std::unique_ptr<Attempt> make_approval_attempt(const AwaitDecision& decision,
                                               protocol::JobOrder order, link::EventSink& sink);
std::unique_ptr<Attempt> make_child_attempt(const link::MakeChild& make, protocol::JobOrder order,
                                            link::EventSink& sink);
std::unique_ptr<Attempt> make_deploy_attempt(DeployTurn& turn, protocol::JobOrder order,
                                             link::EventSink& sink);

}  // namespace pipeline::worker
