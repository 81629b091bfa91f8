// What a run waits for before it begins, as the loop asks for it: the turn in its concurrency
// group. Declared here, implemented where the queue is.
#pragma once

#include <string>
#include <variant>

#include "pipelines/base/result.h"

namespace pipeline::engine {

class RunGate {
 public:
  struct Open {};
  struct Closed {
    std::string why;  // "waiting for run 41 of group deploy-main"
  };
  // The run is to be cancelled instead.
  struct Superseded {
    std::string why;
  };
  using Look = std::variant<Open, Closed, Superseded>;

  virtual ~RunGate() = default;
  // Asked again and again as long as it is closed, and no more once it was open.
  virtual base::Result<Look> look() = 0;
  // Why the run that goes on is interrupted, which a signal does not say; empty: the user wants it.
  virtual std::string why_interrupted() = 0;
};

}  // namespace pipeline::engine
