// Results of tests as JSON: what `pipeline tests --history NAME --json` and the API say.
#pragma once

#include <boost/json/object.hpp>

#include "pipelines/base/result.h"
#include "runner/store/test_history.h"

namespace pipeline::store {

boost::json::object json_of(const PastResult& result);
boost::json::object json_of(const FlakyTest& test);
// ErrorKind::corrupt for what json_of() has not written. A member that is unknown is ignored.
base::Result<PastResult> past_result_from_json(const boost::json::value& value);
base::Result<FlakyTest> flaky_test_from_json(const boost::json::value& value);

}  // namespace pipeline::store
