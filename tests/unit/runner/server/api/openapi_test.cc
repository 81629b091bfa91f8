#include "runner/server/api/openapi.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/support/golden.h"

namespace pipeline::api {
namespace {

TEST(OpenApi, SaysOfEachEndpointWhatItTakes) {
  const std::vector<Endpoint> endpoints = {
      {.method = "GET",
       .path = "/api/v1/runs/{run}/log",
       .summary = "What a job printed.",
       .scope = Scope::read,
       .query = {{.name = "job", .meaning = "its name", .is_required = true},
                 {.name = "offset",
                  .type = QueryParameter::Type::number,
                  .meaning = "from which byte on"}}},
      {.method = "POST",
       .path = "/api/v1/runs",
       .summary = "Starts a run.",
       .scope = Scope::run,
       .largest_body = 1024},
      {.method = "PUT",
       .path = "/git/{name}/{rest...}",
       .summary = "Bytes.",
       .scope = Scope::agent,
       .largest_body = 4096,
       .body_directory = "/tmp"},
      {.method = "GET", .path = "/healthz", .summary = "Whether it answers.", .scope = {}}};
  EXPECT_TRUE(support::matches_golden(
      "server/openapi.json", boost::json::serialize(openapi_document(endpoints, "1.2.3"))));
}

}  // namespace
}  // namespace pipeline::api
