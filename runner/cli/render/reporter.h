// A display of a run: it is fed every event in order and, while the run goes on, the time.
//   on_event* (on_tick*) … finish
// One thread. Reporters write to an Output and read logs through LogTail, so that tests need
// neither a terminal nor files.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/run/event.h"
#include "runner/cli/render/style.h"

namespace pipeline::render {

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// Where a display writes. What can not be written any more (a closed pipe) is dropped: a run does
// not die of its reader.
class Output {
 public:
  virtual ~Output() = default;
  virtual void write(std::string_view text) = 0;
  // Asked at every paint: terminals are resized. Meaningless unless it is a terminal.
  virtual ScreenSize size() const = 0;
};

// The last lines of a job's output, oldest first, safe to print; at most `count`.
using LogTail = std::function<std::vector<std::string>(const std::string& job,
                                                       std::uint32_t attempt, std::size_t count)>;

class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void on_event(const run::Event& event) = 0;
  // Why a queued job has no agent yet: "there is no agent with label gpu". No event, since it is
  // over with the next agent that comes.
  virtual void on_waiting(const std::string& job, const std::string& reason) = 0;
  // A few times a second.
  virtual void on_tick(base::TimePoint now) = 0;
  // After the last event: the summary.
  virtual void finish(base::TimePoint now) = 0;
};

}  // namespace pipeline::render
