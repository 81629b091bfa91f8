// A run's line in a listing as JSON: what `pipeline runs --json` and the API say.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "pipelines/base/result.h"
#include "runner/store/run_store.h"

namespace pipeline::store {

std::string to_json(const RunSummary& run);
// ErrorKind::corrupt for what to_json() has not written. A member that is unknown is ignored.
base::Result<RunSummary> run_summary_from_json(const boost::json::value& value);

}  // namespace pipeline::store
