// What of a run is worth telling: a fold over its events. Pure; one object follows one run.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipelines/model/pipeline.h"
#include "pipelines/run/event.h"

namespace pipeline::notify {

struct Happening {
  enum class Kind : std::uint8_t {
    queued,        // the run was made, or is tried again
    started,       // its first job since then began
    approval,      // a job waits for a person
    job_started,   // its commands began
    job_finished,  // for whatever reason
    finished,      // the run ended
  };
  Kind kind = Kind::queued;
  std::uint64_t sequence = 0;  // of the event
  base::TimePoint at;
  std::string job{};  // of approval, job_started and job_finished
  std::uint32_t attempt = 0;
  run::RunStatus status = run::RunStatus::created;      // of finished
  run::JobStatus job_status = run::JobStatus::waiting;  // of job_finished
  std::string reason{};                                 // may be empty
  // Of finished: how the run itself ended before, when it was tried again since.
  std::optional<run::RunStatus> before{};
};

// A job that did not succeed.
struct Trouble {
  std::string job;
  run::JobStatus status = run::JobStatus::failed;
  std::string reason;
  bool operator==(const Trouble&) const = default;
};

class RunFollower {
 public:
  // `pipeline` is the run's own; it need not live on.
  explicit RunFollower(const model::Pipeline& pipeline);

  // What the event is worth, if anything: most are nobody's but the run's. In their order, each
  // once. The start of a run is also that of a job: then the run's comes first.
  std::vector<Happening> take(const run::Event& event);

  // How its jobs have ended that did not succeed, as of the newest event; in the order of the ends.
  std::vector<Trouble> troubles() const;

 private:
  bool is_question(const run::JobWaiting& waiting);
  void note_end(const std::string& job, run::JobStatus status, const std::string& reason);

  std::set<std::string> approvals_;                        // names of stages
  std::set<std::pair<std::string, std::uint32_t>> asked_;  // jobs and their attempts
  bool has_started_ = false;
  std::optional<run::RunStatus> ended_;
  std::vector<Trouble> troubles_;
};

// Whether an event may be worth anything at all, for whoever has more of them than time.
bool may_matter(const run::Event& event);

}  // namespace pipeline::notify
