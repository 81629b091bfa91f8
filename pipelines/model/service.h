// A service of a stage: a process beside the job, in the same sandbox and network. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/source_span.h"
#include "pipelines/model/condition.h"

namespace pipeline::model {

// Where a service answers, on the job's own loopback.
struct LoopbackEndpoint {
  std::string host;  // an IP address; empty: whichever of 127.0.0.1 and ::1 answers
  std::uint16_t port = 0;
  std::optional<std::string> http_path;  // none: a connection that is accepted is enough
  bool operator==(const LoopbackEndpoint&) const = default;
};

// When a service is ready: its command succeeds, or its endpoint answers. Exactly one of the two.
struct ReadySpec {
  std::string command;
  std::optional<LoopbackEndpoint> endpoint;
  base::Duration interval = std::chrono::milliseconds(200);
  base::Duration timeout = std::chrono::seconds(30);
  bool operator==(const ReadySpec&) const = default;
};

struct ServiceSpec {
  std::string name;                        // unique in its stage
  std::string run;                         // given to the stage's shell
  std::map<std::string, std::string> env;  // over the job's own
  std::optional<ReadySpec> ready;          // none: ready once started
  std::optional<Condition> when;
  base::SourceSpan span;  // of its name
};

}  // namespace pipeline::model
