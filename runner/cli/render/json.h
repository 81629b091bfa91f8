// A run for a program: every event as one line of JSON, nothing else.
#pragma once

#include "runner/cli/render/reporter.h"

namespace pipeline::render {

class JsonReporter final : public Reporter {
 public:
  // `output` must outlive it.
  explicit JsonReporter(Output& output) : output_(output) {}

  void on_event(const run::Event& event) override;
  void on_waiting(const std::string& job, const std::string& reason) override;
  void on_tick(base::TimePoint now) override;
  void finish(base::TimePoint now) override;

 private:
  Output& output_;
};

}  // namespace pipeline::render
