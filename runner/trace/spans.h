// A run as spans: the run, in it each attempt of a job from when a worker had it, in that its
// commands and the steps of its deployment. Cached and skipped jobs are moments.
//
// Names and attributes: OpenTelemetry's conventions for CI/CD and version control,
// https://opentelemetry.io/docs/specs/semconv/cicd/cicd-spans/ and
// https://opentelemetry.io/docs/specs/semconv/registry/attributes/cicd/; what they have no name
// for begins with "pipeline.". Pure.
#pragma once

#include <vector>

#include "pipelines/plan/plan.h"
#include "pipelines/run/event.h"
#include "runner/trace/span.h"
#include "runner/trace/trace_context.h"

namespace pipeline::trace {

struct RunTrace {
  std::string trace_id;
  std::vector<Span> spans;
};

// What has ended since the run was last opened: of a run that was tried again only the last time,
// as what was before it has been told. `events` is the run's whole history, its creation first.
RunTrace trace_of(run::RunId run, const plan::Plan& plan, const std::vector<run::Event>& events);

}  // namespace pipeline::trace
