#include "runner/trace/otlp.h"

#include <boost/json.hpp>

namespace pipeline::trace {

namespace {

namespace json = boost::json;

// Numbers of 64 bits are texts there.
std::string nanoseconds(base::TimePoint at) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count());
}

json::array attributes_of(const Attributes& attributes) {
  json::array all;
  for (const auto& [key, value] : attributes) {
    json::object written;
    if (const auto* const text = std::get_if<std::string>(&value))
      written["stringValue"] = *text;
    else
      written["intValue"] = std::to_string(std::get<std::int64_t>(value));
    all.push_back({{"key", key}, {"value", std::move(written)}});
  }
  return all;
}

// SPAN_KIND_INTERNAL, SPAN_KIND_SERVER.
int number_of(Span::Kind kind) {
  return kind == Span::Kind::internal ? 1 : 2;
}

json::object status_of(const Span& span) {
  if (span.status == Span::Status::unset) return {};
  json::object status{{"code", span.status == Span::Status::ok ? 1 : 2}};
  if (!span.message.empty()) status["message"] = span.message;
  return status;
}

json::object json_of(const Span& span, const std::string& trace_id) {
  json::object written{{"traceId", trace_id},
                       {"spanId", span.id},
                       {"name", span.name},
                       {"kind", number_of(span.kind)},
                       {"startTimeUnixNano", nanoseconds(span.begin)},
                       {"endTimeUnixNano", nanoseconds(span.end)},
                       {"attributes", attributes_of(span.attributes)},
                       {"status", status_of(span)}};
  if (!span.parent.empty()) written["parentSpanId"] = span.parent;
  return written;
}

}  // namespace

std::string to_otlp_json(const RunTrace& trace, const std::string& version,
                         const std::string& instance) {
  json::array spans;
  for (const Span& span : trace.spans) spans.push_back(json_of(span, trace.trace_id));
  const Attributes resource = {{"service.name", "pipeline"},
                               {"service.version", version},
                               {"service.instance.id", instance}};
  return json::serialize(json::object{
      {"resourceSpans",
       json::array{json::object{
           {"resource", json::object{{"attributes", attributes_of(resource)}}},
           {"scopeSpans", json::array{json::object{
                              {"scope", json::object{{"name", "pipeline"}, {"version", version}}},
                              {"spans", std::move(spans)}}}}}}}});
}

}  // namespace pipeline::trace
