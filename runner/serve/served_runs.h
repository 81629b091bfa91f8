// The runs that a server drives, each on a thread of its own.
//
// Order of calls: resume_left_over() before any agent is heard → (start | cancel)* → leave().
// Threads: safe from any.
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

namespace pipeline::serve {

class ServedRuns {
 public:
  // What a run's thread works with; a new one for each.
  using MakeServices = std::function<std::unique_ptr<cli::Services>()>;
  using Began = std::function<void(base::Result<run::RunId>)>;
  // Called on the run's thread for every event, once it is durable.
  using OnEvent = std::function<void(run::RunId id)>;

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

  base::Result<> begin_thread(Work work);
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
