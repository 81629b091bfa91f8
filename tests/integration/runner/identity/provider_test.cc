// Conversations with identity providers that do what a real one would not: rotate keys at once, lie
// about who they are, sign what they should not. The real one: tests/e2e/server/login_test.cc.
#include "runner/identity/provider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <mutex>

#include "pipelines/base/text.h"
#include "tests/support/identity/signing_key.h"
#include "tests/support/manual_clock.h"
#include "tests/support/running_server/running_server.h"

namespace pipeline::identity {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using support::SigningKey;
using testing::HasSubstr;
using testing::Not;

const SigningKey& first_key() {
  static const SigningKey key = SigningKey::ec("first");
  return key;
}
const SigningKey& second_key() {
  static const SigningKey key = SigningKey::ec("second");
  return key;
}

class ProviderTest : public testing::Test {
 protected:
  ProviderTest() {
    handler_.admits = [](const http::Request&) { return http::Admission{.largest_body = 10'000}; };
    handler_.handles = [this](const auto& exchange) { answer(*exchange); };
  }

  std::string issuer() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

  Provider provider() {
    return Provider({.issuer = issuer(),
                     .client_id = "pipeline",
                     .client_secret = "s3cret & more",
                     .redirect_uri = "http://127.0.0.1:8440/api/v1/login/oidc/callback"},
                    clock_);
  }

  // What this provider says in its turn, until a test changes it.
  void answer(http::Exchange& exchange) {
    const std::scoped_lock guard(mutex_);
    const std::string& last = exchange.request().target.path.back();
    if (last == "openid-configuration") return say(exchange, json::serialize(document()));
    if (last == "keys") {
      ++key_reads_;
      return say(exchange, key_set_);
    }
    form_ = exchange.request().body;
    type_ = exchange.request().fields.find("Content-Type").value_or("");
    say(exchange, token_answer_, token_status_);
  }
  static void say(http::Exchange& exchange, const std::string& body, unsigned status = 200) {
    exchange.answer(http::text_response(status, "application/json", body));
  }
  json::object document() const {
    json::object all{{"issuer", issuer()},
                     {"authorization_endpoint", issuer() + "/auth?tenant=1"},
                     {"token_endpoint", issuer() + "/token"},
                     {"jwks_uri", issuer() + "/keys"}};
    for (const auto& [name, value] : changed_) all[name] = value;
    return all;
  }
  json::object claims(const Challenge& challenge) const {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
    return {{"iss", issuer()},          {"aud", "pipeline"}, {"sub", "4711"},
            {"nonce", challenge.nonce}, {"iat", now},        {"exp", now + 300}};
  }
  // The answer to the next code: a token that the key has signed.
  void will_give(const SigningKey& key, const json::object& claims) {
    const std::scoped_lock guard(mutex_);
    token_answer_ = json::serialize(json::object{{"id_token", key.sign(claims)}});
  }
  void has_keys(const std::vector<SigningKey>& keys) {
    const std::scoped_lock guard(mutex_);
    key_set_ = support::key_set_of(keys);
  }
  std::string refusal(Provider& provider, const Challenge& challenge) {
    const auto verified = provider.redeem("code", challenge);
    return verified ? "" : verified.error().to_string();
  }

  support::ManualClock clock_;
  http::ScriptedHandler handler_;
  http::RunningServer server_{handler_};
  std::mutex mutex_;  // guards what follows
  json::object changed_;
  std::string key_set_ = support::key_set_of({first_key()});
  std::string token_answer_ = "{}";
  unsigned token_status_ = 200;
  std::string form_;
  std::string type_;
  int key_reads_ = 0;
};

TEST(Challenge, IsNeverTheSame) {
  const Challenge one = Challenge::make();
  const Challenge other = Challenge::make();
  for (const auto& [a, b] :
       {std::pair(one.state, other.state), std::pair(one.nonce, other.nonce),
        std::pair(one.verifier, other.verifier), std::pair(one.state, one.nonce)}) {
    EXPECT_NE(a, b);
    EXPECT_EQ(a.size(), 43U) << "256 bits";
  }
}

TEST(Pkce, IsThatOfTheStandard) {
  // RFC 7636, appendix B.
  EXPECT_EQ(pkce_challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST_F(ProviderTest, SendsSomebodyThereAndHearsWhoItWas) {
  Provider provider = this->provider();
  const Challenge challenge = Challenge::make();
  const std::string address = provider.login_address(challenge).value();
  EXPECT_THAT(address, testing::StartsWith(issuer() + "/auth?tenant=1&response_type=code&"));
  for (const std::string& part : {"state=" + challenge.state, "nonce=" + challenge.nonce,
                                  "code_challenge=" + pkce_challenge_of(challenge.verifier),
                                  std::string("code_challenge_method=S256")})
    EXPECT_THAT(address, HasSubstr(part));
  EXPECT_THAT(address, Not(HasSubstr(challenge.verifier)));
  will_give(first_key(), claims(challenge));
  const auto verified = provider.redeem("c&d", challenge);
  ASSERT_TRUE(verified) << verified.error().to_string();
  EXPECT_EQ(verified->subject, "4711");
  EXPECT_EQ(type_, "application/x-www-form-urlencoded");
  EXPECT_THAT(form_, HasSubstr("code=c%26d&"));
  EXPECT_THAT(form_, HasSubstr("code_verifier=" + challenge.verifier));
  EXPECT_THAT(form_, HasSubstr("client_secret=s3cret%20%26%20more"));
}

TEST_F(ProviderTest, BelievesOnlyWhatHoldsForThisLogin) {
  Provider provider = this->provider();
  const Challenge challenge = Challenge::make();
  will_give(first_key(), claims(Challenge::make()));
  EXPECT_THAT(refusal(provider, challenge), HasSubstr("belongs to another login"));
  json::object others = claims(challenge);
  others["aud"] = "other";
  will_give(first_key(), others);
  EXPECT_THAT(refusal(provider, challenge), HasSubstr("for somebody else"));
  will_give(first_key(), claims(challenge));
  clock_.advance(1h);
  EXPECT_THAT(refusal(provider, challenge), HasSubstr("has expired"));
  will_give(SigningKey::ec("first"), claims(challenge));
  EXPECT_THAT(refusal(provider, challenge), HasSubstr("signed by no key of its"));
}

TEST_F(ProviderTest, FollowsKeysThatChange) {
  Provider provider = this->provider();
  const Challenge challenge = Challenge::make();
  will_give(first_key(), claims(challenge));
  EXPECT_EQ(refusal(provider, challenge), "");
  EXPECT_EQ(refusal(provider, challenge), "");
  EXPECT_EQ(key_reads_, 1) << "they are kept";
  has_keys({second_key()});
  will_give(second_key(), claims(challenge));
  EXPECT_THAT(refusal(provider, challenge), HasSubstr("signed by no key of its"))
      << "nobody makes us ask again and again";
  EXPECT_EQ(key_reads_, 1);
  clock_.advance(10s);
  EXPECT_EQ(refusal(provider, challenge), "");
  EXPECT_EQ(key_reads_, 2);
  will_give(first_key(), claims(challenge));
  EXPECT_NE(refusal(provider, challenge), "") << "a key that was taken back";
  clock_.advance(2h);
  will_give(second_key(), claims(challenge));
  EXPECT_EQ(refusal(provider, challenge), "") << "they are looked at anew";
  EXPECT_EQ(key_reads_, 3);
}

TEST_F(ProviderTest, IsTheOneThatWasAsked) {
  Provider provider = this->provider();
  changed_["issuer"] = "https://evil.example.org";
  const auto other = provider.login_address(Challenge::make());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind(), base::ErrorKind::permission);
  EXPECT_THAT(other.error().to_string(), HasSubstr("calls itself \"https://evil.example.org\""));
  changed_["issuer"] = issuer();
  for (const char* endpoint : {"authorization_endpoint", "token_endpoint", "jwks_uri"}) {
    for (const char* url : {"http://id.example.org/x", "javascript:alert(1)", "", "/relative"}) {
      changed_[endpoint] = url;
      EXPECT_FALSE(provider.login_address(Challenge::make())) << endpoint << " " << url;
    }
    changed_.erase(endpoint);
  }
  EXPECT_TRUE(provider.login_address(Challenge::make())) << "what was wrong is not kept";
}

TEST_F(ProviderTest, TellsWhatGoesWrong) {
  Provider provider = this->provider();
  const Challenge challenge = Challenge::make();
  token_status_ = 400;
  token_answer_ = R"({"error":"invalid_grant","error_description":"the code was used"})";
  EXPECT_THAT(refusal(provider, challenge), HasSubstr("invalid_grant the code was used"));
  token_status_ = 200;
  for (const char* answer : {"", "[]", "{}", R"({"id_token":7})", "<html>"}) {
    token_answer_ = answer;
    EXPECT_NE(refusal(provider, challenge), "") << answer;
  }
  will_give(first_key(), claims(challenge));
  key_set_ = "{}";
  EXPECT_THAT(refusal(provider, challenge), HasSubstr("no keys of a provider"));
  server_.stop();
  EXPECT_EQ(this->provider().login_address(challenge).error().kind(), base::ErrorKind::unavailable);
}

}  // namespace
}  // namespace pipeline::identity
