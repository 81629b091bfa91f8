// Drives one run: takes events, appends them durably, applies them, and carries out what
// pipelines/run asks for. Owns the plan, the state and the run's lease; borrows everything in
// Surroundings, which must outlive it.
//
// No threads, no waiting, no clock but the one it is given: loop.h drives it in a program, the
// simulation drives it step by step.
//
// Order of calls:  create, reopen or resume → (handle | advance | cancel)* until finished().
//   - A run of a concurrency group does not begin by itself: as long as it waits_for_group(), tell
//     it why (wait), or that its turn has come (begin). It can be cancelled meanwhile.
//   - Events become durable in batches: everything that one call makes happen is one transaction,
//     and jobs start and observers hear of it only after that transaction.
//   - When a call fails the store could not be written: the engine has told every worker to stop at
//     once, does nothing any more, and the run is left as interrupted for a retry.
// Threads: one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "agents/link/link.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/plan/plan.h"
#include "pipelines/run/event.h"
#include "pipelines/run/next.h"
#include "pipelines/run/state.h"
#include "runner/engine/job_order.h"
#include "runner/engine/workbench.h"
#include "runner/store/run_store.h"
#include "stages/secret/masker.h"

namespace pipeline::engine {

// Called for every durable event, in order, with the state after it (and after all others of its
// batch).
using Observer = std::function<void(const run::Event&, const run::RunState&, const plan::Plan&)>;

struct Surroundings {
  store::RunStore& store;
  link::Link& link;
  link::EventSink& sink;  // where the workers report; whoever owns it feeds handle()
  const base::Clock& clock;
  Workbench& workbench;
};

// The values of those of the names that are known to somebody, for a run of `repository`.
using FindSecrets = std::function<base::Result<std::map<std::string, std::string>>(
    const std::set<std::string>& names, const std::string& repository)>;

struct Settings {
  FindSecrets find_secrets;  // called once, when the run begins or is opened again
  std::vector<Observer> observers;
  std::optional<std::uint32_t> jobs;  // at a time; none: what the run was created with
  // Jobs without a sandbox see all of this machine: what they make depends on more than a result
  // key holds, so it is neither kept for other runs nor taken from them.
  bool sandboxed = true;
};

// Which jobs of a run get a further attempt.
struct Retry {
  std::vector<std::string> stages;  // the named ones, whatever became of them; empty: all that
                                    // failed, errored, timed out, were cancelled or interrupted
  bool detached = false;            // its jobs go on from now on when this coordinator dies
  std::string by{};                 // who asks for it
};

class Engine {
 public:
  // A new run. `spec` is stored, `plan` must be the one that the spec leads to (stored_plan.h).
  // ErrorKind::invalid, and no run, when a secret is missing.
  static base::Result<std::unique_ptr<Engine>> create(Surroundings around, Settings settings,
                                                      run::RunSpec spec, plan::Plan plan);
  // Goes on with a run that ended or was interrupted. ErrorKind::conflict while somebody drives it,
  // ErrorKind::invalid when there is nothing to retry.
  static base::Result<std::unique_ptr<Engine>> reopen(Surroundings around, Settings settings,
                                                      run::RunId id, plan::Plan plan,
                                                      const Retry& retry);

  // Goes on with a run whose coordinator died as if it had not: attempts that outlived it are taken
  // up, with what they reported meanwhile; others of commands are over (errored), and deployments
  // and approvals begin again. With `cancel_reason` the run is cancelled instead of going on, and
  // asks for no secrets. ErrorKind::conflict while somebody drives it, ErrorKind::invalid when it
  // is over.
  static base::Result<std::unique_ptr<Engine>> resume(
      Surroundings around, Settings settings, run::RunId id, plan::Plan plan,
      const std::optional<std::string>& cancel_reason = std::nullopt);

  run::RunId id() const { return id_; }
  const run::RunSpec& spec() const { return spec_; }
  const plan::Plan& plan() const { return plan_; }
  const run::RunState& state() const { return state_; }
  bool waits_for_group() const { return waits_for_group_ && !state_.cancelling; }
  bool finished() const { return run::is_terminal(state_.status); }

  // Why it cannot begin yet; said again, nothing happens.
  base::Result<> wait(const std::string& reason);
  base::Result<> begin();
  // What workers reported, oldest first. Reports of an attempt that is over, or that the state does
  // not allow (duplicates, late ones), are dropped.
  base::Result<> handle(std::span<const run::EventBody> reports);
  // Looks at the clock: timeouts.
  base::Result<> advance();
  // When advance() has something to do; none: nothing but a report moves the run.
  std::optional<base::TimePoint> deadline() const;
  // First call: nothing more starts, every job is asked to stop. Second: they are killed.
  base::Result<> cancel(const std::string& reason);

 private:
  Engine(Surroundings around, Settings settings, run::RunSpec spec, plan::Plan plan);

  using History = std::vector<run::Event>;
  // With the run's lease, in the state that its history comes to.
  static base::Result<std::unique_ptr<Engine>> open(Surroundings around, Settings settings,
                                                    run::RunId id, plan::Plan plan,
                                                    History& history);
  base::Result<> take_over(const Retry& retry);
  base::Result<> take_up(const History& history);
  // What goes on, or ended, without the coordinator that started it.
  struct TakenUp {
    std::vector<run::Event> news;      // of all of them, oldest first
    std::vector<std::size_t> missing;  // jobs that nothing is known of
  };
  base::Result<TakenUp> find_taken_up(const History& history);
  base::Result<> begin_again(std::size_t job);
  // What the attempt reported so far, if it goes on without the coordinator that started it, or
  // ended without it.
  base::Result<std::optional<std::vector<run::Event>>> resume_worker(std::size_t job,
                                                                     std::uint32_t attempt);
  base::Result<> end_attempt(std::size_t job, std::uint32_t attempt);
  base::Result<> end_left_over(std::size_t job);
  base::Result<> find_secrets();
  // Appends to the batch and applies.
  base::Result<> record(run::EventBody body) {
    return record(std::move(body), around_.clock.now());
  }
  base::Result<> record(run::EventBody body, base::TimePoint at);
  void accept(const run::EventBody& report, base::TimePoint at);
  void forget_worker(const std::string& job);
  // Asks next() until nothing is left to do, writing each batch before acting on it.
  base::Result<> settle();
  base::Result<> settle_in_steps();
  // Records what follows from the state; the actions that are left start and stop jobs.
  base::Result<std::vector<run::Action>> record_what_follows();
  void note_abandoned(const run::EventBody& body);
  base::Result<> commit();
  base::Result<> carry_out(const std::vector<run::Action>& actions);
  base::Result<> start(std::size_t job);
  base::Result<> fill_cache_keys(protocol::JobOrder& order);
  void stop(std::size_t job);
  void note_key(std::size_t job, const JobInputs& inputs);
  base::Result<bool> reuse(std::size_t job, const JobInputs& inputs);
  base::Result<> after_end_of(const run::JobFinished& finished);
  OrderContext order_context() const { return {id_, spec_, plan_, state_, secrets_}; }
  run::Limits limits() const;
  void stop_abandoned();
  void stop_all_now();

  Surroundings around_;
  Settings settings_;
  run::RunId id_ = 0;
  std::unique_ptr<store::RunLease> lease_;
  run::RunSpec spec_;
  plan::Plan plan_;
  run::RunState state_;
  std::map<std::string, std::string> secrets_;        // name → value
  std::optional<secret::Masker> masker_;              // of them, for what is recorded
  std::vector<run::Event> pending_;                   // applied, not yet stored
  std::map<std::size_t, run::Offer> offers_;          // given to a worker, not yet leased, by job
  std::set<std::size_t> told_to_stop_;                // so that a worker hears it once
  std::map<std::size_t, Workbench::ResultKey> keys_;  // of jobs that run now
  std::vector<std::pair<std::string, std::uint32_t>> abandoned_;  // to be killed: job, attempt
  bool waits_for_group_ = false;
  std::optional<base::Error> broken_;
};

}  // namespace pipeline::engine
