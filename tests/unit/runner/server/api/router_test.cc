#include "runner/server/api/router.h"

#include "tests/support/exchange/held_exchange.h"
#include "tests/support/manual_clock.h"

namespace pipeline::api {
namespace {

using namespace std::chrono_literals;
using support::request;
using testing::HasSubstr;

// "who: endpoint {part}" as the body.
Endpoint endpoint(std::string method, std::string path, std::optional<Scope> scope) {
  Endpoint made{
      .method = std::move(method), .path = std::move(path), .summary = "", .scope = scope};
  made.handle = [path = made.path](const Call& call) {
    std::string said = call.caller.name + ": " + path;
    for (const auto& [name, part] : call.path)
      said.append(" ").append(name).append("=").append(part);
    call.exchange->answer(http::text_response(200, "text/plain", said));
  };
  return made;
}

// The token is the caller's name and its one scope.
std::optional<Caller> authenticate(std::string_view token) {
  const auto scope = scope_of(token);
  if (!scope) return std::nullopt;
  return Caller{std::string(token), {*scope}};
}

class RouterTest : public testing::Test {
 protected:
  http::Response ask(const http::Request& asked) {
    return std::move(support::ask(router_, asked)->answered).value();
  }
  std::string told(const http::Request& asked) {
    const auto response = ask(asked);
    return std::to_string(response.status) + " " + response.body;
  }
  unsigned status(const http::Request& asked) { return ask(asked).status; }

  support::ManualClock clock_;
  Router router_{{
                     endpoint("GET", "/healthz", std::nullopt),
                     endpoint("GET", "/api/v1/runs", Scope::read),
                     endpoint("POST", "/api/v1/runs", Scope::run),
                     endpoint("GET", "/api/v1/runs/{run}", Scope::read),
                     endpoint("GET", "/api/v1/runs/latest", Scope::read),
                     endpoint("PUT", "/api/v1/attempts/{run}/files/{file...}", Scope::agent),
                 },
                 authenticate,
                 clock_,
                 {.callers = {1, 3}, .strangers = {1, 2}}};
};

TEST_F(RouterTest, FindsTheEndpointAndWhatStandsForItsNames) {
  EXPECT_EQ(told(request("GET", "/healthz")), "200 : /healthz");
  EXPECT_EQ(told(request("GET", "/api/v1/runs/7?x=1", "read")),
            "200 read: /api/v1/runs/{run} run=7");
  EXPECT_EQ(told(request("GET", "/api/v1/runs/latest", "read")), "200 read: /api/v1/runs/latest");
  EXPECT_EQ(told(request("HEAD", "/api/v1/runs/a%20b", "read")),
            "200 read: /api/v1/runs/{run} run=a b");
  EXPECT_EQ(told(request("PUT", "/api/v1/attempts/7/files/services/db/log", "agent")),
            "200 agent: /api/v1/attempts/{run}/files/{file...} file=services/db/log run=7");
}

TEST_F(RouterTest, SaysWhatIsNotThere) {
  for (const std::string_view path : {"/", "/api/v1", "/api/v1/runs/7/x", "/healthz/x"})
    EXPECT_EQ(status(request("GET", path, "admin")), 404U) << path;
  EXPECT_EQ(status(request("PUT", "/api/v1/attempts/7/files", "agent")), 404U);
  const auto response = ask(request("DELETE", "/api/v1/runs", "admin"));
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(response.fields.find("Allow"), "GET, POST");
  EXPECT_THAT(response.body, HasSubstr("DELETE cannot be done here"));
}

TEST_F(RouterTest, LetsThroughWhoMay) {
  const auto without = ask(request("GET", "/api/v1/runs"));
  EXPECT_EQ(without.status, 401U);
  EXPECT_EQ(without.fields.find("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(without.fields.all().back().value, R"(Basic realm="pipeline")") << "what git asks for";
  EXPECT_THAT(without.body, HasSubstr("a token is needed"));
  EXPECT_THAT(told(request("GET", "/api/v1/runs", "nobody")), HasSubstr("this token is not valid"));
  EXPECT_THAT(told(request("POST", "/api/v1/runs", "read")),
              HasSubstr("the token has not the scope run"));
  EXPECT_EQ(status(request("POST", "/api/v1/runs", "run")), 200U);
}

TEST(Scope, WhatEachAllows) {
  for (const Scope held : kScopes) {
    EXPECT_EQ(scope_of(to_string(held)), held);
    for (const Scope wanted : kScopes)
      EXPECT_EQ(allows(held, wanted), held == wanted || held == Scope::admin ||
                                          (wanted == Scope::read && held != Scope::agent))
          << to_string(held) << " " << to_string(wanted);
  }
  EXPECT_EQ(scope_of("root"), std::nullopt);
}

TEST_F(RouterTest, AStrangerGetsTiredOfGuessing) {
  EXPECT_EQ(status(request("GET", "/api/v1/runs", "guess")), 401U);
  EXPECT_EQ(status(request("GET", "/api/v1/runs", "guess")), 401U);
  const auto response = ask(request("GET", "/api/v1/runs", "guess"));
  EXPECT_EQ(response.status, 429U);
  EXPECT_EQ(response.fields.find("Retry-After"), "1");
  // Somebody with a token is not held up by a stranger at the same address.
  EXPECT_EQ(status(request("GET", "/api/v1/runs", "read")), 200U);
  clock_.advance(1s);
  EXPECT_EQ(status(request("GET", "/api/v1/runs", "guess")), 401U);
}

TEST_F(RouterTest, ACallerMayNotAskForTooMuch) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(request("GET", "/api/v1/runs", "read")), 200U);
  EXPECT_EQ(status(request("GET", "/api/v1/runs", "read")), 429U);
  EXPECT_EQ(status(request("GET", "/api/v1/runs", "admin")), 200U);
  EXPECT_EQ(status(request("GET", "/healthz")), 200U);
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(status(request("PUT", "/api/v1/attempts/7/files/log", "agent")), 200U);
}

}  // namespace
}  // namespace pipeline::api
