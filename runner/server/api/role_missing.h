// Why a person whose token would allow something may not do it: his roles are not enough there.
#pragma once

#include "pipelines/base/error.h"
#include "runner/server/api/endpoint.h"

namespace pipeline::api {

// ErrorKind::permission, with the command that would give him the role.
base::Error role_missing(const Caller& caller, Scope wanted, const access::Place& place);

}  // namespace pipeline::api
