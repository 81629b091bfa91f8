// A grant as the API tells it.
#pragma once

#include <boost/json/object.hpp>

#include "pipelines/access/access.h"

namespace pipeline::serve {

inline boost::json::object json_of(const access::Grant& grant) {
  boost::json::object object{{"role", to_string(grant.role)}, {"repository", grant.repository}};
  if (!grant.environment.empty()) object["environment"] = grant.environment;
  return object;
}

}  // namespace pipeline::serve
