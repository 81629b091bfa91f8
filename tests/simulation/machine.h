// A build machine: jobs that run on it, each under a supervisor that outlives the agent, and writes
// what the job says and how it ends into the attempt's directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agents/protocol/agent_messages.h"
#include "agents/protocol/job_order.h"
#include "pipelines/base/clock.h"
#include "pipelines/run/event.h"
#include "tests/simulation/harness.h"

namespace pipeline::simulation {

class Machine {
 public:
  using OnStart = std::function<void(const protocol::AttemptWord& word)>;
  // Called with everything that an attempt ever said, when its job has ended by itself.
  using OnEnd = std::function<void(const protocol::AttemptWord& word, const std::string& said)>;

  Machine(Random random, const base::Clock& clock, OnStart on_start, OnEnd on_end)
      : random_(random),
        clock_(clock),
        on_start_(std::move(on_start)),
        on_end_(std::move(on_end)) {}

  struct Faults {
    std::uint64_t deaf = 0, failing = 0;  // percent of jobs that do not stop when asked, or fail
    base::Duration skew{0};               // its clock goes ahead by that much
  };
  void set_faults(const Faults& faults) { faults_ = faults; }

  // `directory` names the attempt from now on.
  void start(const std::filesystem::path& directory, const protocol::AttemptWord& word);
  // What is known of one that an earlier agent may have started.
  enum class Fate { never_began, runs, ended, died };
  Fate fate_of(const std::filesystem::path& directory) const;
  void stop(const std::filesystem::path& directory, run::JobStatus as, const std::string& reason);
  // With its end written, unless it is of no interest any more.
  void kill(const std::filesystem::path& directory, const std::string& reason);
  void forget(const std::filesystem::path& directory) { jobs_.erase(directory); }
  // The power fails: nothing ends, everything is gone.
  void reboot();

  std::optional<base::TimePoint> next() const;
  // What has happened by now.
  void advance();
  std::size_t running() const;

 private:
  struct Job {
    protocol::AttemptWord word;
    std::uint64_t steps = 0;  // that are left before it ends
    base::TimePoint next_at;
    run::JobStatus end = run::JobStatus::succeeded;
    bool is_deaf = false;
    std::string said;
    Fate fate = Fate::runs;
  };

  void step(const std::filesystem::path& directory, Job& job);
  static void say(const std::filesystem::path& directory, Job& job);
  void report(const std::filesystem::path& directory, const run::EventBody& body) const;
  void write_end(const std::filesystem::path& directory, Job& job, run::JobStatus as,
                 std::string reason);
  base::Duration a_moment() { return std::chrono::milliseconds(random_.below(8000)); }

  Random random_;
  const base::Clock& clock_;
  const OnStart on_start_;
  const OnEnd on_end_;
  Faults faults_;
  std::map<std::filesystem::path, Job> jobs_;
};

}  // namespace pipeline::simulation
