// Workers on a fake clock, on an unreliable line: what they report is lost, doubled, late and out
// of order, they die without a word, or do not listen.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agents/link/link.h"
#include "pipelines/base/clock.h"
#include "tests/simulation/harness.h"

namespace pipeline::simulation {

class ScriptedWorkers final : public link::Link {
 public:
  // In percent: of reports that get lost, arrive twice or late; of jobs whose worker dies without a
  // word, or stops only when it is killed.
  struct Faults {
    std::uint64_t lost = 0, doubled = 0, late = 0, silent = 0, deaf = 0;
  };
  // Called before a job starts.
  using OnStart = std::function<void(const protocol::JobOrder&)>;

  ScriptedWorkers(Random random, const base::Clock& clock, Faults faults, OnStart on_start)
      : random_(random), clock_(clock), faults_(faults), on_start_(std::move(on_start)) {}

  // From now on an attempt lives on when its coordinator dies, and keeps what it reports for the
  // next one, where nothing is lost.
  void outlive_coordinators() { outliving_ = true; }

  void start(protocol::JobOrder order, link::EventSink& sink) override;
  base::Result<std::optional<std::vector<run::Event>>> resume(const link::EarlierAttempt& earlier,
                                                              link::EventSink& sink) override;
  void stop(const std::string& job, std::uint32_t attempt, run::JobStatus as,
            const std::string& reason) override;
  void stop_now(const std::string& job, std::uint32_t attempt) override;

  // When something happens next; none: all is quiet.
  std::optional<base::TimePoint> next() const;
  // Plays the workers up to now; the reports that have arrived, in order of arrival.
  std::vector<run::EventBody> take_reports();
  // The coordinator died and its in-process workers with it; what is on the line may still arrive.
  // Of those that outlive it nothing arrives that the next one did not ask for.
  void die();
  // The run is over: every run has a line of its own.
  void hang_up();

  std::size_t busy() const { return busy_.size(); }
  bool is_busy(const std::string& job) const;

 private:
  using Attempt = std::pair<std::string, std::uint32_t>;
  struct Step {
    Attempt attempt;
    std::optional<run::EventBody> report;
    bool ends = false;  // the worker is free afterwards
  };

  void plan_work(const Attempt& attempt, base::Duration timeout);
  run::JobFinished random_end(const Attempt& attempt);
  void send(const run::EventBody& report);
  void forget_steps(const Attempt& attempt);
  base::Duration up_to(std::int64_t milliseconds);

  Random random_;
  const base::Clock& clock_;
  Faults faults_;
  OnStart on_start_;
  std::multimap<base::TimePoint, Step> steps_;           // what the workers will do
  std::multimap<base::TimePoint, run::EventBody> line_;  // what they have said
  std::set<Attempt> busy_;
  std::set<Attempt> deaf_;
  bool outliving_ = false;
  std::map<Attempt, std::vector<run::Event>> kept_;  // all that each reported
};

}  // namespace pipeline::simulation
