// The vocabulary of a run. A run is its events: state is a fold over them (state.h), the terminal,
// `--json`, the store and whatever comes later consume these and keep no second truth. Plain
// values, no pointers, safe to move between threads.
//
// Stability: events are stored. A new field gets a default in event_json.cc; a field or event is
// never renamed or reused.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"
#include "pipelines/plan/facts.h"
#include "pipelines/report/test_report.h"
#include "pipelines/run/outcome.h"

namespace pipeline::run {

using RunId = std::uint64_t;  // 1, 2, 3 … per store

// The job that a child run was started by.
struct ParentRun {
  RunId run = 0;
  std::string job;
  bool operator==(const ParentRun&) const = default;
};

// The firing of a schedule that a run was started by.
struct ScheduledFiring {
  std::string schedule;  // its name in the pipeline
  base::TimePoint at;    // when it was due
  bool operator==(const ScheduledFiring&) const = default;
};

// Everything needed to make the run's plan again and to run it, on any machine that has the tree.
struct RunSpec {
  std::string pipeline;                         // its name
  std::string repository;                       // canonical path or URL
  std::string pipeline_file;                    // path in the repository
  std::string pipeline_text;                    // its bytes
  std::map<std::string, std::string> included;  // files that it includes: path → bytes
  plan::Facts facts;
  std::vector<std::string> stages;  // the selection; empty: all
  bool no_cache = false;
  bool keep = false;              // leave workspaces for inspection
  std::uint32_t jobs = 0;         // how many jobs at a time
  bool detached = false;          // it goes on without the terminal that started it
  std::string concurrency_group;  // filled in; empty: the pipeline has none
  std::optional<ParentRun> parent{};
  std::optional<ScheduledFiring> firing{};
  std::optional<RunId> after{};  // the run whose success started it
  // Of the server, that counted instead of the files' own: name → definition (config/
  // server_environment.h). Empty: none.
  std::map<std::string, std::string> server_environments{};
  std::string cause{};  // who asked for it, or what: "ann", "push by ann"; empty: not known
};

struct ProducedArtifact {
  std::string name;
  base::Digest digest;
  std::uint64_t size = 0;
  bool operator==(const ProducedArtifact&) const = default;
};

// What a job took, as its sandbox measured it. Zero where the machine cannot tell.
struct Usage {
  base::Duration cpu{0};
  std::uint64_t peak_memory = 0;
  bool operator==(const Usage&) const = default;
};

struct RunCreated {
  RunSpec spec;
};
struct JobQueued {
  std::string job;
  std::uint32_t attempt = 1;
};
struct JobLeased {
  std::string job;
  std::uint32_t attempt = 1;
  std::string worker;
};
// Why the run cannot begin yet: others of its concurrency group are before it. Over when its first
// job moves.
struct RunWaiting {
  std::string reason;  // "waiting for run 41 of group deploy-main"
};
// A job of kind `pipeline` began this run.
struct ChildRunStarted {
  std::string job;
  std::uint32_t attempt = 1;
  RunId run = 0;
};
// Why a job that a worker has cannot start yet: a lock, a person, a service.
struct JobWaiting {
  std::string job;
  std::uint32_t attempt = 1;
  std::string reason;  // "waiting for lock db, held by run 41"
};
struct JobStarted {
  std::string job;
  std::uint32_t attempt = 1;
};
struct CommandStarted {
  std::string job;
  std::uint32_t attempt = 1;
  std::uint32_t index = 0;
  std::string command;
};
struct CommandFinished {
  std::string job;
  std::uint32_t attempt = 1;
  std::uint32_t index = 0;
  int exit_code = 0;  // 128 + n for a signal n
};
// A deploy job moved on: the state's name from pipelines/rollout and a sentence for a person.
struct DeploymentAdvanced {
  std::string job;
  std::uint32_t attempt = 1;
  std::string environment;
  std::string state;
  std::string detail;
};
struct JobFinishing {
  std::string job;
  std::uint32_t attempt = 1;
};
struct JobFinished {
  std::string job;
  std::uint32_t attempt = 1;
  JobStatus status = JobStatus::succeeded;  // succeeded, failed, errored, timed_out or cancelled
  std::string reason;                       // on success a note, or empty
  std::optional<base::Digest> outputs{};    // layer of the declared outputs
  std::vector<ProducedArtifact> artifacts{};
  Usage usage{};
  std::vector<std::string> warnings{};         // sentences; the job's end is none of them
  std::optional<report::TestSummary> tests{};  // of a stage with `reports` that left any
  bool unstarted = false;  // its worker died before the job began: nothing of it happened
};
// An earlier success is used instead of running the job.
struct JobCached {
  std::string job;
  std::optional<base::Digest> outputs{};
  std::vector<ProducedArtifact> artifacts{};
  RunId from_run = 0;
  std::optional<report::TestSummary> tests{};
  // Where in from_run the whole report lies; no job: there is none.
  std::string from_job{};
  std::uint32_t from_attempt = 0;
};
struct JobSkipped {
  std::string job;
  std::string reason;
};
// First phase of stopping one job: it was asked. The second is its JobFinished.
struct JobStopRequested {
  std::string job;
  std::uint32_t attempt = 1;
  JobStatus as = JobStatus::cancelled;  // cancelled or timed_out
  std::string reason;
};
// A further attempt by the stage's own `retry`; `attempt` is the one that ended.
struct JobRetried {
  std::string job;
  std::uint32_t attempt = 1;
  base::TimePoint not_before;  // the further attempt waits until then
  std::string reason;
};
struct RunCancelRequested {
  std::string reason;
};
// Opens a terminal run again: the named jobs get a further attempt, everything downstream of them
// waits again.
struct RunRetried {
  std::vector<std::string> jobs;
  bool detached = false;  // from now on, if it was not before
  std::string by{};       // who asked for it; empty: not known
};
struct RunFinished {
  RunStatus status = RunStatus::succeeded;
  std::string reason;
};

using EventBody =
    std::variant<RunCreated, JobQueued, JobLeased, JobWaiting, JobStarted, CommandStarted,
                 CommandFinished, DeploymentAdvanced, JobFinishing, JobFinished, JobCached,
                 JobSkipped, JobStopRequested, JobRetried, RunCancelRequested, RunRetried,
                 RunFinished, RunWaiting, ChildRunStarted>;

struct Event {
  std::uint64_t sequence = 0;  // 1, 2, 3 … within its run, without a gap
  base::TimePoint at;
  EventBody body;
};

}  // namespace pipeline::run
