// The fields of each event as JSON members; the writing half of event_json.h.
#pragma once

#include <boost/json/object.hpp>

#include "pipelines/run/event.h"

namespace pipeline::run {

void write_body(const EventBody& body, boost::json::object& line);

}  // namespace pipeline::run
