// GateKeeper of one environment: each kind of gate to its own file.
#pragma once

#include "pipelines/base/clock.h"
#include "stages/deploy/gate.h"
#include "stages/deploy/gates/smoke_gate.h"
#include "stages/deploy/gates/toggle_gate.h"

namespace pipeline::deploy::gates {

class StandardGates final : public GateKeeper {
 public:
  // The clock outlives it, and so does what `tools` refers to.
  StandardGates(SmokeTools tools, ReadSettings settings, const base::Clock& clock)
      : tools_(std::move(tools)), settings_(std::move(settings)), clock_(clock) {}

  base::Result<GateVerdict> ask(const model::GateSpec& gate, const GateContext& context,
                                std::stop_token stop) override;
  base::Result<> forget(std::uint64_t last_release) override {
    return forget_smoke(tools_, last_release);
  }

 private:
  SmokeTools tools_;
  ReadSettings settings_;
  const base::Clock& clock_;
};

}  // namespace pipeline::deploy::gates
