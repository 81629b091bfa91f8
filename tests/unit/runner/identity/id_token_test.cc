#include "runner/identity/id_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace pipeline::identity {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr base::TimePoint kNow{1'000'000s};
const Expected kExpected{
    .issuer = "https://id.example.org", .client_id = "pipeline", .nonce = "n-0S6"};

json::object claims() {
  return {{"iss", "https://id.example.org"},
          {"aud", "pipeline"},
          {"sub", "4711"},
          {"nonce", "n-0S6"},
          {"iat", 1'000'000},
          {"exp", 1'000'300},
          {"preferred_username", "ann"},
          {"groups", json::array{"release", "ops"}}};
}

json::object with(const char* name, json::value value) {
  json::object changed = claims();
  changed[name] = std::move(value);
  return changed;
}

json::object without(const char* name) {
  json::object changed = claims();
  changed.erase(name);
  return changed;
}

std::string refusal(const json::object& changed, base::TimePoint now = kNow) {
  const auto verified = check(changed, kExpected, now);
  if (verified) return "";
  EXPECT_EQ(verified.error().kind(), base::ErrorKind::permission);
  return verified.error().to_string();
}

TEST(IdToken, SaysWhoSomebodyIs) {
  const auto ann = check(claims(), kExpected, kNow);
  ASSERT_TRUE(ann) << ann.error().to_string();
  EXPECT_EQ(ann->subject, "4711");
  EXPECT_EQ(ann->name, "ann");
  EXPECT_THAT(ann->groups, ElementsAre("release", "ops"));
}

TEST(IdToken, IsOfTheIssuerThatWasAsked) {
  for (const char* issuer : {"https://evil.example.org", "https://id.example.org/", "", "id"})
    EXPECT_THAT(refusal(with("iss", issuer)), HasSubstr("of another issuer")) << issuer;
  EXPECT_NE(refusal(without("iss")), "");
  EXPECT_NE(refusal(with("iss", json::array{"https://id.example.org"})), "");
}

TEST(IdToken, IsForUs) {
  for (const json::value& audience :
       {json::value("other"), json::value("pipeline2"), json::value(json::array{"other"}),
        json::value(json::array()), json::value(7), json::value(nullptr)})
    EXPECT_THAT(refusal(with("aud", audience)), HasSubstr("for somebody else"));
  EXPECT_NE(refusal(without("aud")), "");
  const json::array both{"other", "pipeline"};
  EXPECT_THAT(refusal(with("aud", both)), HasSubstr("asked for by somebody else"));
  json::object asked = with("aud", both);
  asked["azp"] = "pipeline";
  EXPECT_EQ(refusal(asked), "");
  EXPECT_THAT(refusal(with("azp", "other")), HasSubstr("asked for by somebody else"));
  EXPECT_EQ(refusal(with("aud", json::array{"pipeline"})), "");
}

TEST(IdToken, HoldsForItsTime) {
  EXPECT_EQ(refusal(claims(), kNow + 359s), "") << "clocks may be a minute apart";
  EXPECT_THAT(refusal(claims(), kNow + 360s), HasSubstr("has expired"));
  EXPECT_THAT(refusal(claims(), kNow + 24h), HasSubstr("has expired"));
  EXPECT_EQ(refusal(claims(), kNow - 60s), "");
  EXPECT_THAT(refusal(claims(), kNow - 61s), HasSubstr("of the future"));
  EXPECT_NE(refusal(without("exp")), "");
  EXPECT_NE(refusal(without("iat")), "");
  for (const json::value& time : {json::value("1000300"), json::value(-1), json::value(1e300),
                                  json::value(nullptr), json::value(true)})
    EXPECT_NE(refusal(with("exp", time)), "");
  EXPECT_THAT(refusal(with("nbf", 1'000'061)), HasSubstr("does not hold yet"));
  EXPECT_NE(refusal(with("nbf", "soon")), "");
  EXPECT_EQ(refusal(with("nbf", 1'000'060)), "");
}

TEST(IdToken, BelongsToItsLogin) {
  for (const json::value& nonce :
       {json::value("other"), json::value(""), json::value("n-0S6x"), json::value(7)})
    EXPECT_THAT(refusal(with("nonce", nonce)), HasSubstr("belongs to another login"));
  EXPECT_NE(refusal(without("nonce")), "");
  Expected careless = kExpected;
  careless.nonce = "";
  EXPECT_FALSE(check(with("nonce", ""), careless, kNow)) << "no nonce is none that fits";
}

TEST(IdToken, IsAboutSomebody) {
  for (const json::value& subject :
       {json::value(""), json::value(7), json::value(std::string(256, 'x'))})
    EXPECT_THAT(refusal(with("sub", subject)), HasSubstr("whom it is about"));
  EXPECT_NE(refusal(without("sub")), "");
}

TEST(IdToken, NeedsNoNameAndNoGroups) {
  EXPECT_EQ(check(without("preferred_username"), kExpected, kNow)->name, std::nullopt);
  EXPECT_THAT(check(without("groups"), kExpected, kNow)->groups, IsEmpty());
  EXPECT_THAT(check(with("groups", "ops"), kExpected, kNow)->groups, ElementsAre("ops"));
  EXPECT_THAT(check(with("groups", json::array{"ops", 7, nullptr}), kExpected, kNow)->groups,
              ElementsAre("ops"));
  Expected other = kExpected;
  other.name_claim = "email";
  EXPECT_EQ(check(with("email", "ann@example.org"), other, kNow)->name, "ann@example.org");
}

}  // namespace
}  // namespace pipeline::identity
