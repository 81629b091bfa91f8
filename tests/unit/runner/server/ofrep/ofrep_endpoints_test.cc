#include "runner/server/ofrep/ofrep_endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "pipelines/toggle/flag_file.h"
#include "tests/support/exchange/held_exchange.h"
#include "tests/support/manual_clock.h"

namespace pipeline::ofrep {
namespace {

namespace json = boost::json;
using support::HeldExchange;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kContext = R"({"context": {"targetingKey": "ann"}})";
const std::string kBase = "/flags/shop/production/ofrep/v1";
const deploy::EnvironmentKey kProduction{"shop", "production"};

class OfrepEndpointsTest : public testing::Test {
 protected:
  OfrepEndpointsTest() { serve("off"); }

  void serve(const std::string& variant) {
    toggles::FlagsInService flags{.key = kProduction, .release = 7};
    flags.file = toggle::read_flags(
        R"({"flags": {"dark": {"state": "ENABLED", "variants": {"on": true, "off": false},
            "defaultVariant": ")" +
        variant + R"("}}})");
    flags.served = flags.file.value_or(toggle::FlagSet{});
    flags.revision = variant;
    served_[kProduction] = {std::make_shared<const toggles::FlagsInService>(std::move(flags)),
                            clock_.now()};
  }
  std::shared_ptr<HeldExchange> ask(const std::string& method, const std::string& path,
                                    const std::string& body = "",
                                    const std::string& token = "flags",
                                    const std::string& known = "") {
    auto request = support::request(method, path, token, body);
    if (!known.empty()) request.fields.add("If-None-Match", known);
    return support::ask(router_, request);
  }
  std::string told(const std::string& path, const std::string& body = kContext,
                   const std::string& token = "flags") {
    const auto exchange = ask("POST", path, body, token);
    return std::to_string(exchange->answered.value().status) + " " + exchange->answered->body;
  }
  // The address that a bulk evaluation names.
  std::string stream() {
    const auto body =
        json::parse(ask("POST", kBase + "/evaluate/flags", kContext)->answered.value().body);
    return std::string(body.at("eventStreams").at(0).at("endpoint").at("requestUri").as_string());
  }
  std::shared_ptr<HeldExchange> listen(const std::string& seen = "") {
    auto request = support::request("GET", stream());
    if (!seen.empty()) request.fields.add("Last-Event-ID", seen);
    return support::ask(router_, request);
  }

  support::ManualClock clock_;
  std::map<deploy::EnvironmentKey, Served> served_;
  ChangeStream changes_;
  const StreamTickets tickets_{"key"};
  OfrepEndpoints ofrep_{[this](const auto& key) {
                          const auto found = served_.find(key);
                          return found == served_.end() ? std::nullopt
                                                        : std::optional(found->second);
                        },
                        changes_, [this]() -> const auto& {return tickets_;
}, clock_
};  // namespace
std::vector<api::Change> noted_;
api::Router router_{ofrep_.endpoints(),
                    [](std::string_view token) -> std::optional<api::Caller> {
                      const auto scope = api::scope_of(token);
                      if (!scope) return std::nullopt;
                      return api::Caller{std::string(token), {*scope}};
                    },
                    clock_,
                    {},
                    [this](const api::Change& change) { noted_.push_back(change); }};
};  // namespace pipeline::ofrep

TEST_F(OfrepEndpointsTest, EvaluatesOne) {
  EXPECT_EQ(told(kBase + "/evaluate/flags/dark"),
            "200 {\"key\":\"dark\",\"reason\":\"STATIC\",\"value\":false,\"variant\":\"off\"}\n");
  EXPECT_THAT(told(kBase + "/evaluate/flags/gone"), HasSubstr("404 {\"key\":\"gone\",\"errorCode\":"
                                                              "\"FLAG_NOT_FOUND\""));
  EXPECT_THAT(told(kBase + "/evaluate/flags/dark", "{"),
              HasSubstr("400 {\"key\":\"dark\",\"errorCode\":\"PARSE_ERROR\""));
  EXPECT_TRUE(noted_.empty()) << "nothing was changed";
}

TEST_F(OfrepEndpointsTest, SaysThatNothingServes) {
  EXPECT_THAT(told("/flags/shop/staging/ofrep/v1/evaluate/flags/dark"),
              HasSubstr("404 {\"key\":\"dark\",\"errorCode\":\"FLAG_NOT_FOUND\",\"errorDetails\":"
                        "\"nothing was ever deployed to shop/staging\"}"));
  EXPECT_THAT(told("/flags/shop/staging/ofrep/v1/evaluate/flags"), HasSubstr("404 "));
}

TEST_F(OfrepEndpointsTest, SaysThatTheFileCannotBeRead) {
  serve("gone");
  EXPECT_THAT(told(kBase + "/evaluate/flags/dark"), HasSubstr("\"errorCode\":\"PARSE_ERROR\""));
  EXPECT_THAT(told(kBase + "/evaluate/flags"), HasSubstr("400 {\"errorCode\":\"PARSE_ERROR\""));
}

TEST_F(OfrepEndpointsTest, EvaluatesAllAndKnowsWhatTheCallerHas) {
  const auto first = ask("POST", kBase + "/evaluate/flags", kContext);
  EXPECT_THAT(first->answered->body,
              HasSubstr("{\"flags\":[{\"key\":\"dark\",\"reason\":\"STATIC\",\"value\":false"));
  EXPECT_THAT(first->answered->body,
              HasSubstr("\"metadata\":{\"pipeline\":\"shop\",\"environment\":\"production\","
                        "\"release\":7}"));
  const std::string tag(first->answered->fields.find("ETag").value());
  const auto status = [&](const std::string& known) {
    return ask("POST", kBase + "/evaluate/flags", kContext, "flags", known)->answered->status;
  };
  EXPECT_EQ(status(tag), 304U);
  EXPECT_EQ(status("\"other\", W/" + tag), 304U);
  EXPECT_EQ(status("\"other\""), 200U);
  serve("on");
  EXPECT_EQ(status(tag), 200U);
}

TEST_F(OfrepEndpointsTest, IsForApplicationsAndWhoeverMaySee) {
  for (const char* token : {"flags", "read", "deploy", "admin"})
    EXPECT_THAT(told(kBase + "/evaluate/flags/dark", kContext, token), HasSubstr("200 ")) << token;
  EXPECT_THAT(told(kBase + "/evaluate/flags/dark", kContext, "agent"), HasSubstr("403 "));
  EXPECT_THAT(told(kBase + "/evaluate/flags/dark", kContext, "nobody"), HasSubstr("401 "));
  EXPECT_THAT(told(kBase + "/evaluate/flags/dark", kContext, ""), HasSubstr("401 "));
  auto keyed = support::request("POST", kBase + "/evaluate/flags/dark", "", kContext);
  keyed.fields.add("X-API-Key", "flags");
  EXPECT_EQ(support::ask(router_, keyed)->answered->status, 200U);
}

TEST_F(OfrepEndpointsTest, SaysWhatProvidersMayExpect) {
  const auto first = ask("GET", kBase + "/configuration");
  EXPECT_THAT(first->answered->body, HasSubstr("\"polling\":{\"enabled\":true"));
  const std::string tag(first->answered->fields.find("ETag").value());
  EXPECT_EQ(ask("GET", kBase + "/configuration", "", "flags", tag)->answered->status, 304U);
}

TEST_F(OfrepEndpointsTest, TellsListenersOfEachChange) {
  const auto listener = listen();
  EXPECT_EQ(listener->answered->fields.find("Content-Type"), "text/event-stream");
  EXPECT_THAT(listener->sent, HasSubstr("id: off\nevent: message\ndata: {\"type\":"
                                        "\"refetchEvaluation\",\"etag\":\"off\""))
      << "it may have missed one on its way here";
  listener->sent.clear();
  changes_.tell({"shop", "staging"}, {"on", clock_.now()});
  EXPECT_EQ(listener->sent, "");
  changes_.tell(kProduction, {"on", clock_.now()});
  EXPECT_THAT(listener->sent, HasSubstr("id: on\n"));
}

TEST_F(OfrepEndpointsTest, WhoeverHasSeenTheNewestIsToldNothing) {
  EXPECT_THAT(listen("off")->sent, Not(HasSubstr("data:")));
  EXPECT_THAT(listen("older")->sent, HasSubstr("data:"));
}

TEST_F(OfrepEndpointsTest, ListenersComeAndGo) {
  const auto one = listen();
  const auto other = listen();
  EXPECT_EQ(changes_.listeners(), 2U);
  one->leave();
  EXPECT_EQ(changes_.listeners(), 1U);
  changes_.keep_alive();
  EXPECT_THAT(other->sent, testing::EndsWith(":\n\n"));
  changes_.close();
  EXPECT_TRUE(other->has_ended);
  EXPECT_EQ(changes_.listeners(), 0U);
}

TEST_F(OfrepEndpointsTest, ATicketIsForItsEnvironmentOnly) {
  EXPECT_EQ(ask("GET", kBase + "/events")->answered->status, 401U);
  EXPECT_EQ(ask("GET", kBase + "/events?ticket=x")->answered->status, 401U);
  served_[{"shop", "staging"}] = served_[kProduction];
  const std::string other = tickets_.of({"shop", "staging"});
  EXPECT_EQ(ask("GET", kBase + "/events?ticket=" + other)->answered->status, 401U);
  EXPECT_EQ(changes_.listeners(), 0U);
}

}  // namespace
}  // namespace pipeline::ofrep
