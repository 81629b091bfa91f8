#include "runner/server/api/openapi.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "pipelines/base/text.h"
#include "runner/server/api/json_call.h"

namespace pipeline::api {

namespace {

namespace json = boost::json;

constexpr const char* kToken = "token";

// "/runs/{run}" as it is, "/trees/{path...}" as "/trees/{path}": OpenAPI has no word for the rest
// of a path.
std::string path_of(const Endpoint& endpoint) {
  std::string path = endpoint.path;
  if (const auto dots = path.find("..."); dots != std::string::npos) path.erase(dots, 3);
  return path;
}

json::object text_schema() {
  return {{"type", "string"}};
}

json::array parameters_of(const Endpoint& endpoint) {
  json::array parameters;
  for (const std::string& part : base::split(path_of(endpoint), '/')) {
    if (!part.starts_with('{')) continue;
    parameters.push_back(json::object{{"name", part.substr(1, part.size() - 2)},
                                      {"in", "path"},
                                      {"required", true},
                                      {"schema", text_schema()}});
  }
  for (const QueryParameter& parameter : endpoint.query) {
    json::object schema = text_schema();
    if (parameter.type == QueryParameter::Type::number)
      schema = {{"type", "integer"}, {"minimum", 0}};
    parameters.push_back(json::object{{"name", parameter.name},
                                      {"in", "query"},
                                      {"required", parameter.is_required},
                                      {"description", parameter.meaning},
                                      {"schema", std::move(schema)}});
  }
  return parameters;
}

// A large body goes to a file: it is bytes. Any other is JSON.
json::object body_of(const Endpoint& endpoint) {
  const bool is_bytes = !endpoint.body_directory.empty();
  json::object schema = {{"type", is_bytes ? "string" : "object"}};
  if (is_bytes) schema["format"] = "binary";
  json::object content{{"schema", std::move(schema)}};
  return {{"content",
           {{is_bytes ? "application/octet-stream" : "application/json", std::move(content)}}},
          {"description", "at most " + std::to_string(endpoint.largest_body) + " bytes"}};
}

json::object responses() {
  const json::object problem{{"schema", {{"$ref", "#/components/schemas/Problem"}}}};
  return {{"2XX", {{"description", "It is done."}}},
          {"default",
           {{"description", "It is not, and why (RFC 9457)."},
            {"content", {{"application/problem+json", problem}}}}}};
}

// "GET /api/v1/runs/{run}" as "getApiV1RunsRun".
std::string operation_id(const Endpoint& endpoint) {
  std::string id;
  for (const char c : endpoint.method) id += static_cast<char>(std::tolower(c));
  bool is_first = true;
  for (const char c : path_of(endpoint)) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      is_first = true;
      continue;
    }
    id += is_first ? static_cast<char>(std::toupper(c)) : c;
    is_first = false;
  }
  return id;
}

json::object operation_of(const Endpoint& endpoint) {
  json::object operation{{"operationId", operation_id(endpoint)},
                         {"summary", endpoint.summary},
                         {"parameters", parameters_of(endpoint)},
                         {"responses", responses()}};
  if (endpoint.largest_body > 0) operation["requestBody"] = body_of(endpoint);
  if (!endpoint.scope) return operation;
  operation["security"] = json::array{json::object{{kToken, json::array()}}};
  operation["x-scope"] = to_string(*endpoint.scope);
  return operation;
}

json::object problem_schema() {
  json::object members;
  for (const char* name : {"type", "title", "detail", "hint"}) members[name] = text_schema();
  members["status"] = {{"type", "integer"}};
  return {{"type", "object"}, {"properties", std::move(members)}};
}

}  // namespace

json::object openapi_document(const std::vector<Endpoint>& endpoints, const std::string& version) {
  json::object paths;
  for (const Endpoint& endpoint : endpoints) {
    std::string method = endpoint.method;
    std::ranges::transform(method, method.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    json::value& path = paths[path_of(endpoint)];
    if (!path.is_object()) path = json::object();
    path.as_object()[method] = operation_of(endpoint);
  }
  const json::object bearer{{"type", "http"}, {"scheme", "bearer"}};
  return {
      {"openapi", "3.0.3"},
      {"info", {{"title", "pipeline"}, {"version", version}}},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", {{"Problem", problem_schema()}}}, {"securitySchemes", {{kToken, bearer}}}}}};
}

Endpoint openapi_endpoint(std::vector<Endpoint> endpoints, const std::string& version) {
  Endpoint endpoint{
      .method = "GET", .path = "/api/v1/openapi.json", .summary = "This document.", .scope = {}};
  endpoints.push_back(endpoint);
  endpoint.handle = [text = json::serialize(openapi_document(endpoints, version)) +
                            "\n"](const Call& call) { answer_json(call, text); };
  return endpoint;
}

}  // namespace pipeline::api
