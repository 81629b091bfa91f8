// What a display knows of a run: the run's state, and the words of events that the state does not
// keep. A fold over run::Event, like everything that looks at a run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/plan/plan.h"
#include "pipelines/run/event.h"
#include "pipelines/run/state.h"
#include "runner/cli/render/command_place.h"

namespace pipeline::render {

// Words of one job that only events carry.
struct JobWords {
  std::vector<std::string> commands;  // as started, by index
  std::string deployment_state;       // "prepared"; empty: nothing was deployed
  std::string deployment_detail;      // "instance 2 of 4 healthy"
  std::optional<run::RunId> cached_from;
};

class Board {
 public:
  Board(run::RunId id, const plan::Plan& plan, CommandPlace place = {});

  // An event that the state refuses is a defect of its writer; the board then stays as it was.
  base::Result<> apply(const run::Event& event);

  run::RunId id() const { return id_; }
  const plan::Plan& plan() const { return *plan_; }
  // A command about this run: "pipeline logs 3 unit".
  std::string command(std::string_view name, std::string_view rest = {}) const;
  const CommandPlace& place() const { return place_; }
  const run::RunState& state() const { return state_; }
  const JobWords& words(std::size_t job) const { return words_[job]; }
  // Whether nobody has it yet; false for a job that there is not.
  bool is_queued(std::string_view job) const;
  // The command that ended a job that did not succeed; empty when none was running.
  std::string failed_command(std::size_t job) const;
  // From its start to its end, or to `now`; none before it started.
  std::optional<base::Duration> elapsed(std::size_t job, base::TimePoint now) const;
  // Since the run was created, or opened again by a retry.
  base::Duration run_elapsed(base::TimePoint now) const;

 private:
  void note(const run::EventBody& body);

  run::RunId id_;
  const plan::Plan* plan_;
  CommandPlace place_;
  run::RunState state_;
  std::vector<JobWords> words_;
  std::optional<base::TimePoint> opened_at_;
};

}  // namespace pipeline::render
