// Where traces go, as OpenTelemetry's exporters are told it: by these variables of the environment.
//   OTEL_EXPORTER_OTLP_TRACES_ENDPOINT   a URL as it is
//   OTEL_EXPORTER_OTLP_ENDPOINT          a URL below which /v1/traces is
//   OTEL_EXPORTER_OTLP_TRACES_HEADERS, OTEL_EXPORTER_OTLP_HEADERS   name=value,name=value
//   OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL  anything but grpc
//   OTEL_SDK_DISABLED                    true: nowhere
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::trace {

struct OtlpReceiver {
  std::string url;  // of the request itself
  std::vector<std::pair<std::string, std::string>> fields;
  std::string server{};  // "127.0.0.1:4318", for people: paths are secrets often enough
};

// None: the variable is not there, or empty.
using FindVariable = std::function<std::optional<std::string>(const char* name)>;

// None: traces are not wanted. ErrorKind::invalid, with what to set instead, for what cannot be
// followed.
base::Result<std::optional<OtlpReceiver>> otlp_receiver_of(const FindVariable& find);

// Of the environment of this process, as long as nobody changes it.
std::optional<std::string> find_in_environment(const char* name);

}  // namespace pipeline::trace
