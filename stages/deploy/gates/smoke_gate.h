// The smoke gate: the environment's commands against the release, in a sandbox.
//
// The commands run in a workspace made from the release's tree, as any job's, with PREVIEW_URL,
// PUBLIC_URL, ENVIRONMENT and RELEASE set. Only one address is reachable: the preview before
// traffic, the public one after promotion (address_relay.h). PREVIEW_URL is that one in both
// phases, so that one command serves both; its port is another where the address has one below
// 1024.
//
// Each gate of each phase leaves its log in  <directory>/<release>/<phase>-<number>/log.
#pragma once

#include <filesystem>
#include <stop_token>

#include "stages/deploy/gate.h"
#include "stages/step/step.h"

namespace pipeline::deploy::gates {

struct SmokeTools {
  step::StepTools step;
  std::filesystem::path relay_program;
  std::filesystem::path directory;  // of the environment's gate logs and sockets; made when needed
};

// A command that says no, or is too slow, is a verdict with the command and its last lines. A
// sandbox or a relay that cannot be had is ErrorKind::unavailable.
base::Result<GateVerdict> ask_smoke(const model::SmokeGate& gate, const GateContext& context,
                                    const SmokeTools& tools, const std::stop_token& stop);

// Deletes what the gates of this and earlier releases left.
base::Result<> forget_smoke(const SmokeTools& tools, std::uint64_t last_release);

}  // namespace pipeline::deploy::gates
