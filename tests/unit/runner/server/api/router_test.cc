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

// One whose callers prove by a body of "secret" who they are.
Endpoint guarded() {
  Endpoint made = endpoint("POST", "/hooks/{name}", std::nullopt);
  made.proof = Proof::of_its_own;
  made.handle = [](const Call& call) {
    const bool proven = call.request().body == "secret";
    if (proven) call.is_proven();
    call.exchange->answer(http::text_response(proven ? 200 : 401, "text/plain", ""));
  };
  return made;
}

// Everybody may; who calls with a token is called by his name.
Endpoint open_to_all() {
  Endpoint made = endpoint("GET", "/badges", std::nullopt);
  made.proof = Proof::token_if_given;
  made.handle = [](const Call& call) {
    call.exchange->answer(http::text_response(200, "text/plain", "for " + call.caller.name));
  };
  return made;
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
                     guarded(),
                     open_to_all(),
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

// People of whom "ann" may run in shop, and whoever else there is nothing.
std::optional<Caller> people(std::string_view token) {
  Caller caller{.name = std::string(token), .scopes = {Scope::run}, .person = Person{}};
  if (token == "ann") caller.person->grants = {{access::Role::runner, "shop"}};
  if (token == "all") caller.person->grants = {{access::Role::runner, access::kEverywhere}};
  if (token == "service") caller.person.reset();
  return caller;
}

class RouterOfPeople : public testing::Test {
 protected:
  static Endpoint about(std::string path, About about) {
    Endpoint made = endpoint("GET", std::move(path), Scope::read);
    made.about = about;
    return made;
  }
  // Runs below 10 are shop's.
  static base::Result<> authorize(const Asked& asked) {
    const std::string repository = asked.path.at("run").size() == 1 ? "shop" : "blog";
    if (asked.caller.may(asked.scope, {repository})) return {};
    return base::fail(base::ErrorKind::not_found, "there is no such run");
  }
  static std::vector<Endpoint> endpoints() {
    return {about("/everything", About::everything), about("/runs/{run}", About::its_run),
            about("/own", About::asks_itself)};
  }
  unsigned status(Router& router, const std::string& path, const std::string& token) {
    return support::ask(router, request("GET", path, token))->answered.value().status;
  }

  support::ManualClock clock_;
};

TEST_F(RouterOfPeople, HoldsThemToTheirRoles) {
  Router router(endpoints(), people, clock_, {}, {}, authorize);
  EXPECT_EQ(status(router, "/everything", "ann"), 403U);
  EXPECT_EQ(status(router, "/runs/7", "ann"), 200U);
  EXPECT_EQ(status(router, "/runs/70", "ann"), 404U);
  EXPECT_EQ(status(router, "/runs/7", "bob"), 404U);
  EXPECT_EQ(status(router, "/own", "bob"), 200U) << "its handler knows";
  for (const char* path : {"/everything", "/runs/7", "/runs/70", "/own"})
    for (const char* token : {"all", "service"}) EXPECT_EQ(status(router, path, token), 200U);
}

TEST_F(RouterOfPeople, WhatNobodyLooksAtIsRefused) {
  Router router(endpoints(), people, clock_);
  EXPECT_EQ(status(router, "/runs/7", "ann"), 403U);
  EXPECT_EQ(status(router, "/runs/7", "all"), 200U);
  EXPECT_EQ(status(router, "/runs/7", "service"), 200U);
}

TEST(Scope, OfAPersonIsNoMoreThanHisRoles) {
  Caller ann = *people("ann");
  EXPECT_TRUE(ann.may(Scope::read, {"shop"}));
  EXPECT_TRUE(ann.may(Scope::run, {"shop"}));
  EXPECT_FALSE(ann.may(Scope::run, {"blog"}));
  ann.person->grants = {{access::Role::admin, access::kEverywhere}};
  EXPECT_FALSE(ann.may(Scope::deploy, {"shop"})) << "nor than the token";
  ann.scopes = {Scope::admin};
  for (const Scope wanted : kScopes) EXPECT_TRUE(ann.may(wanted, {"shop"}));
}

TEST(Scope, WhatEachAllows) {
  for (const Scope held : kScopes) {
    EXPECT_EQ(scope_of(to_string(held)), held);
    const bool may_see = held != Scope::agent && held != Scope::flags;
    for (const Scope wanted : kScopes)
      EXPECT_EQ(allows(held, wanted),
                held == wanted || held == Scope::admin ||
                    (may_see && (wanted == Scope::read || wanted == Scope::flags)))
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

TEST_F(RouterTest, WhoeverProvesNothingIsAStranger) {
  const auto hook = [&](const char* body) {
    return status(request("POST", "/hooks/shop", "", body));
  };
  for (int i = 0; i < 9; ++i) EXPECT_EQ(hook("secret"), 200U);
  EXPECT_EQ(hook("guess"), 401U);
  EXPECT_EQ(hook("guess"), 401U);
  EXPECT_EQ(hook("secret"), 429U) << "its body is not looked at any more";
  clock_.advance(1s);
  EXPECT_EQ(hook("secret"), 200U);
}

TEST_F(RouterTest, ATokenIsLookedAtWhereNoneIsNeeded) {
  EXPECT_EQ(told(request("GET", "/badges")), "200 for ");
  EXPECT_EQ(told(request("GET", "/badges", "read")), "200 for read");
  EXPECT_EQ(status(request("GET", "/badges", "guess")), 401U);
  EXPECT_EQ(status(request("GET", "/badges", "guess")), 401U);
  EXPECT_EQ(status(request("GET", "/badges", "guess")), 429U);
  EXPECT_EQ(told(request("GET", "/badges")), "200 for ");
}

TEST_F(RouterTest, ACallerMayNotAskForTooMuch) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(request("GET", "/api/v1/runs", "read")), 200U);
  EXPECT_EQ(status(request("GET", "/api/v1/runs", "read")), 429U);
  EXPECT_EQ(status(request("GET", "/api/v1/runs", "admin")), 200U);
  EXPECT_EQ(status(request("GET", "/healthz")), 200U);
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(status(request("PUT", "/api/v1/attempts/7/files/log", "agent")), 200U);
}

TEST(RouterAudit, NotesWhatSomebodyAskedToChange) {
  std::vector<std::string> noted;
  support::ManualClock clock;
  Endpoint telling = endpoint("POST", "/tokens/{name}", Scope::admin);
  telling.handle = [](const Call& call) {
    call.tell("read, run");
    call.exchange->answer(http::text_response(409, "text/plain", ""));
  };
  Endpoint fetching = endpoint("POST", "/fetch", Scope::read);
  fetching.handle = [](const Call& call) {
    call.changes_nothing();
    call.exchange->answer(http::text_response(200, "text/plain", ""));
  };
  Router router(
      {endpoint("GET", "/tokens", Scope::read), telling, endpoint("POST", "/leases", Scope::agent),
       fetching, endpoint("DELETE", "/tokens/{name}", Scope::admin)},
      authenticate, clock, {}, [&](const Change& change) {
        noted.push_back(change.who + " " + change.action + " " + change.detail + " " +
                        std::to_string(change.status));
      });
  const auto ask = [&](const char* method, const char* target, const char* token) {
    (void)support::ask(router, request(method, target, token));
  };
  ask("GET", "/tokens", "read");
  ask("POST", "/leases", "agent");
  ask("POST", "/fetch", "read");
  ask("DELETE", "/tokens/ann", "read");  // it never came to its handler
  EXPECT_TRUE(noted.empty());
  ask("POST", "/tokens/a%20b", "admin");
  ask("DELETE", "/tokens/ann", "admin");
  EXPECT_EQ(noted, (std::vector<std::string>{"admin POST /tokens/a b read, run 409",
                                             "admin DELETE /tokens/ann  200"}));
}

}  // namespace
}  // namespace pipeline::api
