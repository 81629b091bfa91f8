// What is told of environments and deployments as JSON: what `pipeline status --json` and the API
// say.
#pragma once

#include <boost/json/object.hpp>

#include "pipelines/base/result.h"
#include "stages/deploy/deployer.h"

namespace pipeline::cli {

boost::json::object json_of(const deploy::EnvironmentStatus& status);
boost::json::object json_of(const deploy::Progress& progress);
boost::json::object json_of(const deploy::DeploymentResult& result);

// ErrorKind::corrupt for what json_of() has not written. A member that is unknown is ignored.
base::Result<deploy::EnvironmentStatus> environment_status_from_json(
    const boost::json::value& value);
base::Result<deploy::Progress> progress_from_json(const boost::json::value& value);
base::Result<deploy::DeploymentResult> deployment_result_from_json(const boost::json::value& value);

}  // namespace pipeline::cli
