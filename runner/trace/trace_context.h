// Where a run, its jobs and their commands stand in a trace: numbers that follow from what the run
// is, so that the engine which hands them to jobs, and whoever tells of the run later, say the
// same.
//
// Format: W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header; jobs get it
// in the environment variable TRACEPARENT
// (https://opentelemetry.io/docs/specs/otel/context/env-carriers/).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/run/event.h"

namespace pipeline::trace {

class TraceContext {
 public:
  TraceContext(run::RunId run, const run::RunSpec& spec, base::TimePoint created_at);

  // 32 hexadecimal digits.
  const std::string& trace_id() const { return trace_id_; }
  // 16 of them each. A run that is tried again has a span of its own for each time, from 0 on.
  std::string span_of_run(std::uint32_t round) const;
  std::string span_of_job(std::string_view job, std::uint32_t attempt) const;
  std::string span_of_command(std::string_view job, std::uint32_t attempt,
                              std::uint32_t index) const;
  // Of a deployment, from 0 on.
  std::string span_of_step(std::string_view job, std::uint32_t attempt, std::uint32_t index) const;

  // What the attempt's own spans are below.
  std::string traceparent(std::string_view job, std::uint32_t attempt) const;

 private:
  std::string span_of(std::string_view what) const;

  std::string trace_id_;
};

}  // namespace pipeline::trace
