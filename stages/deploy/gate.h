// A gate looks and says pass or no; it changes nothing. One call a gate; it blocks until decided or
// stopped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/environment.h"

namespace pipeline::deploy {

enum class GatePhase {
  before_traffic,  // against the preview address; no user has seen the release
  after_promotion  // against the public address
};

struct GateContext {
  GatePhase phase = GatePhase::before_traffic;
  std::string environment;
  std::uint64_t release = 0;
  std::size_t gate = 0;     // which of the environment's, counted from 0
  std::string preview_url;  // http://host:port
  std::string public_url;
  std::string repository;  // where the tree is: smoke commands and the toggle file
  std::string tree;
  std::optional<std::string> toggles;  // path in the tree of the environment's flagd file
};

struct GateVerdict {
  bool passed = false;
  std::string detail;  // what was seen, in a line: "new-checkout is off", "tests/smoke.sh: exit
                       // code 1"
  std::vector<std::string> last_lines{};  // what a gate that said no printed at its end
};

class GateKeeper {
 public:
  virtual ~GateKeeper() = default;
  // An error means that the gate could not be asked; it is never taken for a pass.
  virtual base::Result<GateVerdict> ask(const model::GateSpec& gate, const GateContext& context,
                                        std::stop_token stop) = 0;
  // Deletes what the gates of this and earlier releases left for a person to read.
  virtual base::Result<> forget(std::uint64_t /*last_release*/) { return {}; }
};

}  // namespace pipeline::deploy
