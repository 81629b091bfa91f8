// Events as JSON, one object a line: the form that `--json` prints and the store keeps.
//   {"seq":7,"at":"2026-11-23T12:00:00.123456Z","event":"job-finished","job":"unit","attempt":1,"status":"failed",…}
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/run/event.h"

namespace pipeline::run {

std::string to_json(const Event& event);
// Unknown fields are ignored; an unknown event or a wrong type is ErrorKind::corrupt.
base::Result<Event> event_from_json(std::string_view line);

}  // namespace pipeline::run
