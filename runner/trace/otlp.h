// A trace as the body of a POST to an OTLP/HTTP receiver's /v1/traces: ExportTraceServiceRequest of
// opentelemetry-proto 1.x in its JSON form,
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. Pure.
#pragma once

#include <string>

#include "runner/trace/spans.h"

namespace pipeline::trace {

// `version` is the program's, `instance` tells this server or machine from others.
std::string to_otlp_json(const RunTrace& trace, const std::string& version,
                         const std::string& instance);

}  // namespace pipeline::trace
