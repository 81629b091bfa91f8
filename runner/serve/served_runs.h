// The runs that a server drives, each on a thread of its own.
//
// Order of calls: resume_left_over() before any agent is heard → (start | retry | cancel)* →
// leave(). Threads: safe from any.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runner/cli/commands.h"
#include "runner/cli/prepared_run.h"
#include "runner/cli/quiet_run.h"
#include "runner/engine/engine.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::serve {

class ServedRuns {
 public:
  // What a run's thread works with; a new one for each.
  using MakeServices = std::function<std::unique_ptr<cli::Services>()>;
  using Began = std::function<void(base::Result<run::RunId>)>;
  // Called on the run's thread for every event, once it is durable (id 0: before its number is
  // known); without one when its
  // number has become known, and when the run has been left or is over.
  using OnEvent = std::function<void(run::RunId id, const run::Event* event)>;

  ServedRuns(MakeServices make_services, OnEvent on_event)
      : make_services_(std::move(make_services)), on_event_(std::move(on_event)) {}
  ~ServedRuns() { leave(); }
  ServedRuns(const ServedRuns&) = delete;
  ServedRuns& operator=(const ServedRuns&) = delete;

  // Takes up every run that an earlier server left, and returns when each has been; those that
  // cannot be taken up are told of.
  base::Result<std::vector<std::string>> resume_left_over();
  // `began` is called once, on the run's thread: with its number, or with what is wrong.
  void start(cli::RunOptions options, const Began& began);
  // The run that the event starts; number 0 when the pipeline is not started by it.
  void start_if_triggered(cli::RunOptions options, cli::EventWish event, const Began& began);
  // The same, and returns once it has begun. Not on a thread that runs wait for.
  base::Result<run::RunId> begin_triggered(cli::RunOptions options, cli::EventWish event);
  // Opens a run again. ErrorKind::conflict while it is under way, or when it deploys to an
  // environment that the server defines otherwise by now; ErrorKind::invalid when there is nothing
  // to try again.
  void retry(run::RunId id, engine::Retry retry, const Began& began);
  // False when it is not under way here.
  bool cancel(run::RunId id);
  // Runs are left as they are, for the next server. Agents are not heard any more. Waits for all.
  void leave();
  std::size_t under_way() const;

 private:
  struct Driven {
    std::unique_ptr<engine::Loop> loop;
    std::thread thread;
    run::RunId id = 0;  // 0: it has not begun
    bool is_over = false;
  };
  using Work = std::function<void(cli::Services& services, engine::Loop& loop, Driven& driven)>;
  // None: no run is to begin.
  using Prepare =
      std::function<base::Result<std::optional<cli::PreparedRun>>(cli::Context& context)>;

  // Opens the engine of a run that is stored.
  using Reopen = std::function<base::Result<std::unique_ptr<engine::Engine>>(
      const engine::Surroundings& around, engine::Settings settings, plan::Plan plan)>;

  base::Result<> begin_thread(Work work);
  // Whether a stored run may go on.
  using Check =
      std::function<base::Result<>(cli::Services& services, const engine::StoredRun& run)>;
  void go_on(run::RunId id, const Check& check, const Reopen& reopen, const Began& began);
  bool is_under_way(run::RunId id) const;
  void start_prepared(Prepare prepare, const Began& began);
  void reap();
  void drive(cli::Services& services, engine::Loop& loop, Driven& driven,
             const cli::MakeEngine& make_engine, const Began& began);

  const MakeServices make_services_;
  const OnEvent on_event_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<Driven>> driven_;
  bool is_leaving_ = false;
};

}  // namespace pipeline::serve
