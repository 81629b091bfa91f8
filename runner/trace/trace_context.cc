#include "runner/trace/trace_context.h"

#include "stages/host/hash.h"

namespace pipeline::trace {

namespace {

constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanDigits = 16;

std::string digits_of(const std::string& what, std::size_t count) {
  return host::sha256(what).hex().substr(0, count);
}

std::string attempt_of(std::string_view job, std::uint32_t attempt) {
  return std::to_string(attempt) + " " + std::string(job);
}

}  // namespace

// The number of a run is its store's: the moment and the tree tell stores apart.
TraceContext::TraceContext(run::RunId run, const run::RunSpec& spec, base::TimePoint created_at)
    : trace_id_(digits_of("run " + std::to_string(run) + "\n" +
                              std::to_string(created_at.time_since_epoch().count()) + "\n" +
                              spec.repository + "\n" + spec.pipeline + "\n" + spec.facts.tree,
                          kTraceDigits)) {}

std::string TraceContext::span_of(std::string_view what) const {
  return digits_of(trace_id_ + "\n" + std::string(what), kSpanDigits);
}

std::string TraceContext::span_of_run(std::uint32_t round) const {
  return span_of("round " + std::to_string(round));
}

std::string TraceContext::span_of_job(std::string_view job, std::uint32_t attempt) const {
  return span_of("job " + attempt_of(job, attempt));
}

std::string TraceContext::span_of_command(std::string_view job, std::uint32_t attempt,
                                          std::uint32_t index) const {
  return span_of("command " + std::to_string(index) + " " + attempt_of(job, attempt));
}

std::string TraceContext::span_of_step(std::string_view job, std::uint32_t attempt,
                                       std::uint32_t index) const {
  return span_of("step " + std::to_string(index) + " " + attempt_of(job, attempt));
}

std::string TraceContext::traceparent(std::string_view job, std::uint32_t attempt) const {
  // Version 00; flag 01: it is recorded.
  return "00-" + trace_id_ + "-" + span_of_job(job, attempt) + "-01";
}

}  // namespace pipeline::trace
