// What a trace is made of, as OpenTelemetry has it
// (https://opentelemetry.io/docs/specs/otel/trace/api/#span). Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pipelines/base/clock.h"

namespace pipeline::trace {

using AttributeValue = std::variant<std::string, std::int64_t>;
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

struct Span {
  std::string id;      // 16 hexadecimal digits
  std::string parent;  // empty: the trace begins with it
  std::string name;
  enum class Kind { internal, server };
  Kind kind = Kind::internal;
  base::TimePoint begin{}, end{};
  Attributes attributes{};
  enum class Status { unset, ok, error };
  Status status = Status::unset;
  std::string message{};  // of an error

  bool operator==(const Span&) const = default;
};

}  // namespace pipeline::trace
