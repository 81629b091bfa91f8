// Keeps what tests came to as a run goes: an observer of the engine. What cannot be kept costs the
// history of tests, never the run; it is said at the end.
#pragma once

#include <optional>

#include "runner/cli/services.h"
#include "runner/engine/engine.h"

namespace pipeline::cli {

class TestRecorder {
 public:
  // Outlived by `services`.
  explicit TestRecorder(Services& services) : services_(services) {}

  void on_event(const run::Event& event);
  // Whose events they are, also those that came before.
  void begin(const engine::Engine& engine);
  // The first thing that went wrong.
  const std::optional<base::Error>& trouble() const { return trouble_; }

 private:
  base::Result<> record(const run::JobFinished& finished, base::TimePoint at);

  Services& services_;
  const engine::Engine* engine_ = nullptr;
  std::vector<run::Event> early_;  // until it is known whose they are
  std::optional<base::Error> trouble_;
};

// The report that an attempt left; ErrorKind::not_found when there is none any more.
base::Result<report::TestReport> load_report(const store::Paths& paths, run::RunId run,
                                             const std::string& job, std::uint32_t attempt);

}  // namespace pipeline::cli
