// The API as a document that tools read (OpenAPI 3.0.3), made of the endpoints themselves.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "runner/server/api/endpoint.h"

namespace pipeline::api {

// `version` is the program's.
boost::json::object openapi_document(const std::vector<Endpoint>& endpoints,
                                     const std::string& version);

// GET /api/v1/openapi.json, open to everybody: the document of those endpoints and itself.
Endpoint openapi_endpoint(std::vector<Endpoint> endpoints, const std::string& version);

}  // namespace pipeline::api
