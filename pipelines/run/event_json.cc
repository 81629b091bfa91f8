#include "pipelines/run/event_json.h"

#include <boost/json.hpp>

#include "pipelines/base/timestamp.h"
#include "pipelines/run/event_reader.h"
#include "pipelines/run/event_writer.h"
#include "pipelines/run/transition.h"

namespace pipeline::run {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;

std::string to_json(const Event& event) {
  json::object line;
  line["seq"] = event.sequence;
  line["at"] = base::format_timestamp(event.at);
  line["event"] = to_string(kind_of(event.body));
  write_body(event.body, line);
  return json::serialize(line);
}

Result<Event> event_from_json(std::string_view line) {
  // Lines come from the store only, but a damaged one must not be able to exhaust the stack.
  json::error_code error;
  const json::value value = json::parse({line.data(), line.size()}, error);
  if (error || !value.is_object()) {
    return base::fail(ErrorKind::corrupt, "not an event: " + std::string(line.substr(0, 80)));
  }
  const FieldReader fields(value.get_object());
  Event event;
  event.sequence = fields.unsigned_number("seq", 0);
  const Result<base::TimePoint> at = base::parse_timestamp(fields.text("at"));
  if (!at) return base::fail(ErrorKind::corrupt, at.error().to_string());
  event.at = *at;
  PIPELINE_ASSIGN(event.body, read_body(fields));
  return event;
}

}  // namespace pipeline::run
