#include "runner/identity/provider.h"

#include <algorithm>
#include <boost/json.hpp>

#include "agents/http/http_client.h"
#include "runner/identity/base64url.h"
#include "runner/identity/json_web_token.h"
#include "stages/host/hash.h"
#include "stages/host/random.h"

namespace pipeline::identity {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;
using http_client::escaped;

constexpr base::Duration kKept = std::chrono::hours(1);
constexpr base::Duration kBetweenLooks = std::chrono::seconds(10);
constexpr std::size_t kSecretBytes = 32;

std::string secret_text() {
  return to_base64url(host::random_bytes(kSecretBytes));
}

// "https://host:1/path?query" as the server's address and the rest.
struct Place {
  http_client::ServerAddress server;
  std::string path;
};

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

// What is said in the clear could be anybody's word, but on this machine.
Result<Place> place_of(const std::string& url) {
  const auto scheme = url.find("://");
  const auto slash = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
  PIPELINE_ASSIGN(auto server, http_client::ServerAddress::parse(url.substr(0, slash)));
  if (!server.is_tls && !is_loopback(server.host))
    return base::fail(
        Error(ErrorKind::invalid, "the identity provider is not asked over plain HTTP")
            .hint("its addresses have to begin with https://"));
  return Place{std::move(server), slash == std::string::npos ? "/" : url.substr(slash)};
}

Result<http_client::Reply> call(const std::string& url, const ProviderSettings& settings,
                                http_client::Ask ask) {
  PIPELINE_ASSIGN(Place place, place_of(url));
  ask.path = std::move(place.path);
  const auto client = http_client::HttpClient::create(
      {.server = std::move(place.server), .token = {}, .authorities = settings.authorities});
  return client->call(ask);
}

Error unusable(const std::string& what) {
  return {ErrorKind::unavailable, "the identity provider " + what};
}

Result<std::string> body_of(const std::string& url, const ProviderSettings& settings) {
  PIPELINE_ASSIGN(auto reply, call(url, settings, {.path = {}}));
  if (reply.status == 200) return std::move(reply.body);
  return base::fail(unusable("answers " + url + " with " + std::to_string(reply.status)));
}

Result<json::object> object_in(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) return base::fail(unusable("answers with no JSON object"));
  return std::move(value.get_object());
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::string form_of(const std::vector<std::pair<const char*, std::string>>& fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    if (!form.empty()) form += '&';
    form.append(name).append("=").append(escaped(value));
  }
  return form;
}

}  // namespace

Challenge Challenge::make() {
  return {.state = secret_text(), .nonce = secret_text(), .verifier = secret_text()};
}

std::string pkce_challenge_of(const std::string& verifier) {
  const base::Digest digest = host::sha256(verifier);
  return to_base64url(std::string(digest.bytes().begin(), digest.bytes().end()));
}

Result<std::string> Provider::login_address(const Challenge& challenge) {
  const std::scoped_lock guard(mutex_);
  PIPELINE_ASSIGN(const Endpoints endpoints, this->endpoints());
  const char first = endpoints.authorization.find('?') == std::string::npos ? '?' : '&';
  return endpoints.authorization + first +
         form_of({{"response_type", "code"},
                  {"client_id", settings_.client_id},
                  {"redirect_uri", settings_.redirect_uri},
                  {"scope", settings_.scopes},
                  {"state", challenge.state},
                  {"nonce", challenge.nonce},
                  {"code_challenge", pkce_challenge_of(challenge.verifier)},
                  {"code_challenge_method", "S256"}});
}

Result<Verified> Provider::redeem(const std::string& code, const Challenge& challenge) {
  const std::scoped_lock guard(mutex_);
  PIPELINE_ASSIGN(const Endpoints endpoints, this->endpoints());
  PIPELINE_ASSIGN(const std::string token, id_token_for(code, challenge, endpoints));
  PIPELINE_TRY(expect_key_of(token, endpoints));
  PIPELINE_ASSIGN(const json::object claims, claims_of(token, *keys_));
  return check(claims,
               {.issuer = settings_.issuer,
                .client_id = settings_.client_id,
                .nonce = challenge.nonce,
                .name_claim = settings_.name_claim,
                .groups_claim = settings_.groups_claim},
               clock_.now());
}

Result<Provider::Endpoints> Provider::endpoints() {
  if (endpoints_ && clock_.now() < endpoints_->read_at + kKept) return *endpoints_;
  std::string base = settings_.issuer;
  while (base.ends_with('/')) base.pop_back();
  PIPELINE_ASSIGN(const std::string text,
                  body_of(base + "/.well-known/openid-configuration", settings_));
  PIPELINE_ASSIGN(const json::object document, object_in(text));
  // Another's document would send people, and our secret, to another.
  if (text_of(document, "issuer") != settings_.issuer)
    return base::fail(Error(ErrorKind::permission, "the identity provider calls itself \"" +
                                                       text_of(document, "issuer") + "\", not \"" +
                                                       settings_.issuer + '"')
                          .hint("--oidc-issuer has to be what it calls itself"));
  const Endpoints endpoints{.authorization = text_of(document, "authorization_endpoint"),
                            .token = text_of(document, "token_endpoint"),
                            .keys = text_of(document, "jwks_uri"),
                            .read_at = clock_.now()};
  for (const std::string* url : {&endpoints.authorization, &endpoints.token, &endpoints.keys})
    PIPELINE_TRY(place_of(*url));
  endpoints_ = endpoints;
  return endpoints;
}

Result<> Provider::read_keys(const Endpoints& endpoints) {
  keys_read_at_ = clock_.now();
  PIPELINE_ASSIGN(const std::string text, body_of(endpoints.keys, settings_));
  PIPELINE_ASSIGN(keys_, KeySet::parse(text));
  return {};
}

Result<std::string> Provider::id_token_for(const std::string& code, const Challenge& challenge,
                                           const Endpoints& endpoints) {
  std::vector<std::pair<const char*, std::string>> fields = {
      {"grant_type", "authorization_code"},
      {"code", code},
      {"redirect_uri", settings_.redirect_uri},
      {"client_id", settings_.client_id},
      {"code_verifier", challenge.verifier}};
  if (!settings_.client_secret.empty())
    fields.emplace_back("client_secret", settings_.client_secret);
  PIPELINE_ASSIGN(const auto reply, call(endpoints.token, settings_,
                                         {.method = "POST",
                                          .path = {},
                                          .body = form_of(fields),
                                          .type = "application/x-www-form-urlencoded"}));
  PIPELINE_ASSIGN(const json::object answer, object_in(reply.body));
  if (reply.status != 200)
    return base::fail(ErrorKind::permission,
                      "the identity provider does not take the login: " + text_of(answer, "error") +
                          " " + text_of(answer, "error_description"));
  std::string token = text_of(answer, "id_token");
  if (token.empty()) return base::fail(unusable("gives no ID token"));
  return token;
}

Result<> Provider::expect_key_of(const std::string& token, const Endpoints& endpoints) {
  const base::TimePoint now = clock_.now();
  if (!keys_ || now >= keys_read_at_ + kKept) return read_keys(endpoints);
  const auto id = key_id_of(token);
  if ((id && keys_->has(*id)) || now < keys_read_at_ + kBetweenLooks) return {};
  return read_keys(endpoints);
}

}  // namespace pipeline::identity
