#include "runner/serve/login_endpoints.h"

#include <algorithm>
#include <boost/json.hpp>

#include "agents/http/server_address.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/identity/base64url.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"
#include "runner/store/names.h"
#include "runner/store/token.h"
#include "stages/host/random.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using api::text_parameter;
using base::Error;
using base::ErrorKind;
using base::Result;
using http_client::escaped;

constexpr std::uint64_t kLargestMessage = std::uint64_t{16} << 10U;
constexpr base::Duration kSession = std::chrono::hours(12);
constexpr std::size_t kLongestWord = 200;
constexpr std::size_t kCodeBytes = 32;
constexpr std::size_t kNameBytes = 4;

std::string query_text(const Call& call, const char* name) {
  return std::string(call.request().target.parameter(name).value_or(""));
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kLongestWord && identity::is_base64url(text);
}

// A program on the machine of whoever logs in: a code goes nowhere else (RFC 8252, section 7.3).
Result<> expect_loopback(const std::string& redirect) {
  const auto address = http_client::ServerAddress::parse(redirect);
  if (address && !address->is_tls && (address->host == "127.0.0.1" || address->host == "::1"))
    return {};
  return base::fail(ErrorKind::invalid,
                    R"("redirect" has to be http://127.0.0.1:PORT/… of a program that waits)");
}

void redirect_to(const Call& call, const std::string& address) {
  http::Response response = http::text_response(302, "text/plain; charset=utf-8", "go on there\n");
  response.fields.add("Location", address);
  response.fields.add("Cache-Control", "no-store");
  response.fields.add("Referrer-Policy", "no-referrer");
  call.exchange->answer(std::move(response));
}

Error unknown_login() {
  return Error(ErrorKind::permission, "this login is not known, or took too long")
      .hint("begin again: pipeline login");
}

}  // namespace

std::vector<Endpoint> LoginEndpoints::endpoints() {
  const auto make = [this](const char* method, const char* path, const char* summary,
                           void (LoginEndpoints::*handle)(const Call&),
                           std::vector<api::QueryParameter> query = {}) {
    Endpoint endpoint{.method = method, .path = path, .summary = summary, .scope = std::nullopt};
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    endpoint.proof = api::Proof::of_its_own;
    endpoint.query = std::move(query);
    if (endpoint.method == "POST") endpoint.largest_body = kLargestMessage;
    return endpoint;
  };
  Endpoint ways =
      make("GET", "/api/v1/login", "How people may log in here.", &LoginEndpoints::show);
  ways.proof = api::Proof::none;
  return {
      ways,
      make("GET", "/api/v1/login/oidc/start", "Sends a browser to the identity provider.",
           &LoginEndpoints::start,
           {text_parameter("redirect", "where the command line waits: http://127.0.0.1:PORT/…"),
            text_parameter("state", "what it gets back with the code"),
            text_parameter("code_challenge", "of its verifier, by S256 (RFC 7636)")}),
      make("GET", kCallback, "Where the identity provider sends it back to.",
           &LoginEndpoints::callback,
           {text_parameter("code", "for who it is"), text_parameter("state", "which login"),
            text_parameter("iss", "the provider"), text_parameter("error", "why it is nobody")}),
      make("POST", "/api/v1/login/oidc/token",
           "A session for the `code` that the command line was sent, and its `code_verifier`.",
           &LoginEndpoints::give_token),
  };
}

void LoginEndpoints::show(const Call& call) {
  json::object ways;
  if (parts_.provider != nullptr) ways["oidc"] = {{"issuer", parts_.provider->issuer()}};
  api::answer_json(call, ways);
}

void LoginEndpoints::start(const Call& call) {
  if (parts_.provider == nullptr)
    return answer_problem(call, {ErrorKind::not_found, "this server has no identity provider"});
  Login login{.challenge = identity::Challenge::make(),
              .redirect = query_text(call, "redirect"),
              .state = query_text(call, "state"),
              .code_challenge = query_text(call, "code_challenge")};
  if (const auto local = expect_loopback(login.redirect); !local)
    return answer_problem(call, local.error());
  if (!is_word(login.state) || !is_word(login.code_challenge))
    return answer_problem(call,
                          {ErrorKind::invalid, R"("state" and "code_challenge" have to be there)"});
  send_to_provider(call, std::move(login));
}

void LoginEndpoints::send_to_provider(const Call& call, Login login) {
  parts_.pool.run([this, call, login = std::move(login)] {
    const auto address = parts_.provider->login_address(login.challenge);
    if (!address) {
      parts_.tell("a login: " + address.error().to_string());
      return answer_problem(call, address.error());
    }
    parts_.post([this, call, login, address = *address] {
      logins_.put(login.challenge.state, login, parts_.clock.now());
      redirect_to(call, address);
    });
  });
}

void LoginEndpoints::callback(const Call& call) {
  const auto login = logins_.take(query_text(call, "state"), parts_.clock.now());
  if (!login || parts_.provider == nullptr) return answer_problem(call, unknown_login());
  call.is_proven();
  // Somebody else's answer to our question (RFC 9207).
  const std::string issuer = query_text(call, "iss");
  if (!issuer.empty() && issuer != parts_.provider->issuer())
    return come_back(call, *login,
                     base::fail(ErrorKind::permission, "another identity provider has answered"));
  const std::string code = query_text(call, "code");
  if (code.empty())
    return come_back(
        call, *login,
        base::fail(ErrorKind::permission,
                   "the identity provider says: " + base::printable(query_text(call, "error"))));
  parts_.pool.run([this, call, login = *login, code] {
    auto verified = parts_.provider->redeem(code, login.challenge);
    parts_.post(
        [this, call, login, verified = std::move(verified)] { come_back(call, login, verified); });
  });
}

void LoginEndpoints::come_back(const Call& call, const Login& login,
                               const Result<identity::Verified>& verified) {
  const Result<std::string> user = verified ? admit(*verified) : base::fail(verified.error());
  std::string address = login.redirect + "?state=" + login.state;
  if (user) {
    const std::string code = identity::to_base64url(host::random_bytes(kCodeBytes));
    admitted_.put(code, {*user, login.code_challenge}, parts_.clock.now());
    return redirect_to(call, address + "&code=" + code);
  }
  parts_.tell("a login is refused: " + user.error().to_string());
  parts_.note({.who = verified ? verified->name.value_or(verified->subject) : "",
               .peer = call.request().peer,
               .action = std::string("GET ") + kCallback,
               .detail = base::printable(user.error().to_string()),
               .status = 403});
  address += "&error=" + escaped(user.error().to_string());
  if (user.error().hint()) address += "&hint=" + escaped(*user.error().hint());
  redirect_to(call, address);
}

Result<std::string> LoginEndpoints::admit(const identity::Verified& verified) {
  const store::Identity identity{parts_.provider->issuer(), verified.subject};
  PIPELINE_ASSIGN(const auto known, parts_.users.find(identity));
  std::string name = known ? known->name : "";
  if (!known) {
    PIPELINE_ASSIGN(name, name_for(verified));
    PIPELINE_TRY(expect_free(name));
    PIPELINE_TRY(
        parts_.users.add({.name = name, .added_at = parts_.clock.now(), .identity = identity}));
  }
  PIPELINE_TRY(parts_.groups.set_by_login(name, verified.groups));
  return name;
}

Result<std::string> LoginEndpoints::name_for(const identity::Verified& verified) {
  if (!verified.name)
    return base::fail(
        Error(ErrorKind::permission, "the identity provider does not say what you are called")
            .hint("--oidc-name-claim of the server says which claim is the name"));
  PIPELINE_TRY(store::check_name("a user", *verified.name));
  return *verified.name;
}

// What the provider lets people call themselves gives nobody what another has here.
Result<> LoginEndpoints::expect_free(const std::string& name) {
  PIPELINE_ASSIGN(const auto namesake, parts_.users.find(name));
  PIPELINE_ASSIGN(const auto tokens, parts_.tokens.list());
  const bool is_taken =
      namesake || std::ranges::any_of(tokens, [&](const store::TokenEntry& token) {
        return !token.user && token.name == name;
      });
  if (!is_taken) return {};
  return base::fail(
      Error(ErrorKind::permission, "somebody else is called \"" + name + "\" here already")
          .hint("if it is you, an admin says so: pipeline user remove " + name +
                ", then pipeline user add " + name + " --subject ID"));
}

void LoginEndpoints::give_token(const Call& call) {
  const auto object = api::object_in(call);
  if (!object) return answer_problem(call, object.error());
  const auto code = api::text_in(*object, "code");
  const auto verifier = api::text_in(*object, "code_verifier");
  if (!code || !verifier || !*code || !*verifier)
    return answer_problem(call,
                          {ErrorKind::invalid, R"("code" and "code_verifier" have to be there)"});
  const auto admitted = admitted_.take(**code, parts_.clock.now());
  if (!admitted || identity::pkce_challenge_of(**verifier) != admitted->code_challenge)
    return answer_problem(call, unknown_login());
  call.is_proven();
  const std::string token = store::make_token();
  const auto session = make_session(admitted->user, token);
  if (!session) return answer_problem(call, session.error());
  parts_.note({.who = admitted->user,
               .peer = call.request().peer,
               .action = "POST /api/v1/login/oidc/token",
               .detail = "session " + session->name,
               .status = 201});
  api::answer_json(call,
                   json::object{{"user", admitted->user},
                                {"token", token},
                                {"expires_at", base::format_timestamp(*session->expires_at)}},
                   201);
}

// It is for all that its user's roles allow.
Result<store::TokenEntry> LoginEndpoints::make_session(const std::string& user,
                                                       const std::string& token) {
  const base::TimePoint now = parts_.clock.now();
  PIPELINE_TRY(parts_.tokens.remove_ended_sessions(now));
  store::TokenEntry entry{
      .name = user + ".session-" + store::digest_of_token(token).hex().substr(0, 2 * kNameBytes),
      .scopes = {},
      .created_at = now,
      .expires_at = now + kSession,
      .user = user,
      .is_session = true};
  for (const api::Scope scope : api::kScopes)
    if (scope != api::Scope::agent) entry.scopes.emplace_back(to_string(scope));
  PIPELINE_TRY(parts_.tokens.add(entry, store::digest_of_token(token)));
  return entry;
}

}  // namespace pipeline::serve
