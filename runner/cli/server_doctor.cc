#include "runner/cli/server_doctor.h"

#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/cli/help.h"
#include "runner/cli/server_client.h"
#include "stages/host/certificate.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::Result;
using base::TimePoint;

// Tokens, leases and schedules do not mind less.
constexpr auto kMostSkew = std::chrono::seconds(5);

struct Answer {
  json::value body;
  TimePoint asked;
  TimePoint answered;
};

Finding look_at_reach(const Result<http_client::Reply>& reply, const std::string& server,
                      base::Duration took) {
  if (reply && reply->status == 200)
    return {"server", Health::good,
            server + " answers, in " + std::to_string(took.count()) + " ms"};
  if (reply)
    return {"server", Health::bad,
            server + " answers with status " + std::to_string(reply->status) +
                ": it is no server "
                "of pipelines, or a proxy stands before it",
            "look at the URL, and at the log of the proxy"};
  return {"server", Health::bad, reply.error().to_string(),
          reply.error().hint().value_or(
              "systemctl status pipeline-server on its machine; a firewall may be between")};
}

std::vector<Finding> look_at_tls(http_client::HttpClient& client,
                                 const http_client::Settings& settings, TimePoint now) {
  if (!settings.server.is_tls) {
    const bool is_local = settings.server.host == "127.0.0.1" ||
                          settings.server.host == "localhost" || settings.server.host == "::1";
    if (is_local) return {};
    return {{"certificate", Health::weak, "none: the token can be read on the way",
             "[tls] in server.toml, or a proxy with HTTPS before it"}};
  }
  const auto pem = client.peer_certificate();
  const auto shown =
      pem ? host::certificate_of(*pem) : base::fail(base::ErrorKind::unavailable, "it showed none");
  if (!shown) return {};
  return {certificate_finding("certificate", shown->subject + ", by " + shown->issuer, shown->until,
                              now)};
}

Finding look_at_version(const std::string& theirs) {
  const std::string ours = version();
  if (theirs == ours) return {"version", Health::good, theirs + ", as here"};
  return {"version", Health::weak, "the server has " + theirs + ", this machine " + ours,
          "install the same release on both"};
}

Finding look_at_token(const json::value& token) {
  std::vector<std::string> scopes;
  for (const json::value& scope : token.at("scopes").as_array())
    scopes.emplace_back(scope.as_string());
  return {"token", Health::good,
          std::string(token.at("name").as_string()) + ", which may " + base::join(scopes, ", ")};
}

// Against the middle of the time that the call took.
Finding look_at_clock(TimePoint theirs, TimePoint asked, TimePoint answered) {
  const auto ours = asked + (answered - asked) / 2;
  const auto skew = theirs > ours ? theirs - ours : ours - theirs;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(skew).count();
  if (skew <= kMostSkew + (answered - asked) / 2)
    return {"clock", Health::good, "the server's and this machine's agree"};
  return {
      "clock", Health::weak,
      "the server's is " + std::to_string(seconds) + " s " + (theirs > ours ? "ahead" : "behind"),
      "have both follow a time server: timedatectl set-ntp true"};
}

Result<std::vector<Finding>> read_answer(const http_client::Reply& reply, TimePoint asked,
                                         TimePoint answered) {
  try {
    const json::value body = json::parse(reply.body);
    PIPELINE_ASSIGN(const TimePoint now, base::parse_timestamp(body.at("now").as_string()));
    std::vector<Finding> findings = {look_at_version(std::string(body.at("version").as_string())),
                                     look_at_token(body.at("token")),
                                     look_at_clock(now, asked, answered)};
    PIPELINE_ASSIGN(auto theirs, findings_from_json(body.at("findings")));
    for (Finding& finding : theirs) findings.push_back(std::move(finding));
    return findings;
  } catch (const std::exception&) {
    return base::fail(not_a_server());
  }
}

// What it says of itself to whom it knows.
std::vector<Finding> ask_for_details(http_client::HttpClient& client, const base::Clock& clock) {
  const TimePoint asked = clock.now();
  const auto reply = http_client::expect_success(client.call({.path = "/api/v1/health"}));
  const TimePoint answered = clock.now();
  const auto findings = reply ? read_answer(*reply, asked, answered) : base::fail(reply.error());
  if (findings) return *findings;
  const bool is_token = findings.error().kind() == base::ErrorKind::permission;
  return {{is_token ? "token" : "version", Health::bad, findings.error().to_string(),
           is_token
               ? "pipeline token add NAME --scope read on the server gives a new one"
               : "a server of an earlier release does not tell more: install the same on both"}};
}

}  // namespace

Result<std::vector<Finding>> look_at_server(const ServerChoice& server, const base::Clock& clock) {
  PIPELINE_ASSIGN(const http_client::Settings settings, settings_of(server));
  const auto client = http_client::HttpClient::create(settings);
  const TimePoint asked = clock.now();
  const auto reply = client->call({.path = "/healthz"});
  const TimePoint now = clock.now();
  std::vector<Finding> findings = {look_at_reach(
      reply, settings.server.to_text(), std::chrono::duration_cast<base::Duration>(now - asked))};
  const auto add = [&findings](std::vector<Finding> some) {
    for (Finding& finding : some) findings.push_back(std::move(finding));
  };
  add(look_at_tls(*client, settings, now));
  if (reply && reply->status == 200) add(ask_for_details(*client, clock));
  return findings;
}

}  // namespace pipeline::cli
