#include "runner/settings/server_tables.h"

#include <algorithm>
#include <limits>

#include "agents/http/server_address.h"
#include "pipelines/config/scalars.h"
#include "runner/notify/mailer.h"

namespace pipeline::settings {

namespace {

using config::Node;
using config::Problems;
using config::Table;
using config::Type;

// A type whose values are kept as another one, which holds all of them.
template <class To, class From>
Type<To> kept_as(Type<From> type) {
  auto read = [read = std::move(type.read)](const Node& node, To& out, Problems& problems) {
    From value{};
    if (!read(node, value, problems)) return false;
    out = static_cast<To>(value);
    return true;
  };
  return {std::move(type.expects), std::move(read), std::move(type.schema)};
}

constexpr std::uint64_t kMostHead = std::uint64_t{1} << 20U;
constexpr std::uint32_t kMany = std::numeric_limits<std::int32_t>::max();

Type<host::Address> listen_address() {
  return config::from_text<host::Address>(R"(an address such as "0.0.0.0:8440" or "[::]:8440")",
                                          [](std::string_view text) {
                                            return host::Address::parse(
                                                text, host::Address::FreePort::yes);
                                          },
                                          {{"pattern", "^.*:[0-9]+$"}});
}

Type<std::string> server_url() {
  return config::from_text<std::string>(
      R"(a URL such as "https://ci.example.org")",
      [](std::string_view text) {
        return http_client::ServerAddress::parse(text).map(
            [](const http_client::ServerAddress& address) { return address.to_text(); });
      },
      {{"pattern", "^https?://"}});
}

// Its identity tokens name it as it is written: nothing of it is changed.
Type<std::string> issuer_url() {
  return config::from_text<std::string>(
      R"(a URL such as "https://id.example.org")",
      [](std::string_view text) {
        return http_client::ServerAddress::parse(text).map(
            [text](const http_client::ServerAddress& /*it is one*/) { return std::string(text); });
      },
      {{"pattern", "^https?://"}});
}

Type<std::string> mail_server_url() {
  return config::from_text<std::string>(
      R"(a URL such as "smtps://mail.example.org")",
      [](std::string_view text) {
        return notify::MailServer::parse(std::string(text))
            .map([text](const notify::MailServer& /*it is one*/) { return std::string(text); });
      },
      {{"pattern", "^smtp(s|[+]plain)?://"}});
}

// Every connection may take as much.
Type<std::uint32_t> head_size() {
  auto type = config::size();
  auto read = [read = std::move(type.read)](const Node& node, std::uint32_t& out,
                                            Problems& problems) {
    std::uint64_t value = 0;
    if (!read(node, value, problems)) return false;
    if (value > kMostHead) problems.error(node.span, "a head of more than 1MiB is not taken");
    out = static_cast<std::uint32_t>(std::min(value, kMostHead));
    return value <= kMostHead;
  };
  return {std::move(type.expects), std::move(read), std::move(type.schema)};
}

Type<std::filesystem::path> file() {
  return kept_as<std::filesystem::path>(config::absolute_path());
}

const Table<http::TlsFiles>& tls_table() {
  static const auto the_table = [] {
    Table<http::TlsFiles> table("tls", "HTTPS instead of HTTP; new files are taken by themselves");
    table
        .key("certificate", file(), &http::TlsFiles::certificates,
             "the server's certificate and those that lead to its issuer, as PEM")
        .required();
    table.key("key", file(), &http::TlsFiles::key, "the certificate's key, as PEM").required();
    return table;
  }();
  return the_table;
}

// Who speaks every `heartbeat` must not be lost for one word that came late.
void check_times(const Node& node, server::AgentTimes& times, Problems& problems) {
  if (times.lease >= 2 * times.heartbeat) return;
  const Node* const lease = node.find("lease");
  const Node* const told = lease != nullptr ? lease : node.find("heartbeat");
  problems.error(told->span, "an agent's lease ends before it had two heartbeats",
                 "lease is at least twice the heartbeat");
}

const Table<server::AgentTimes>& agents_table() {
  using Times = server::AgentTimes;
  static const auto the_table = [] {
    Table<Times> table("agents", "how server and agents speak to each other");
    table
        .key("lease", config::positive_duration(), &Times::lease,
             "an agent that was not heard of for so long is lost, with its jobs")
        .fallback("45s");
    table
        .key("heartbeat", config::positive_duration(), &Times::heartbeat,
             "how often an agent says that it is there")
        .fallback("10s");
    table
        .key("poll", config::positive_duration(), &Times::poll,
             "an agent's request for work waits so long for some")
        .fallback("30s");
    table
        .key("least_disk", config::size(), &Times::least_disk,
             "an agent whose directory has less room than that gets no more work")
        .fallback("1GiB");
    table.at_end(check_times);
    return table;
  }();
  return the_table;
}

void declare_http_limits(Table<LimitSettings>& table) {
  table
      .key(
          "connections", kept_as<std::size_t>(config::count(1, kMany)),
          [](LimitSettings & limits) -> auto& { return limits.http.connections; },
          "more are not taken; an agent has one for each slot, and two more")
      .fallback(12'000);
  table
      .key(
          "head", head_size(), [](LimitSettings & limits) -> auto& { return limits.http.head; },
          "the largest request line and header fields together")
      .fallback("16KiB");
  table
      .key(
          "idle", config::positive_duration(),
          [](LimitSettings & limits) -> auto& { return limits.http.idle; },
          "a connection without a request is kept so long")
      .fallback("1m15s");
  table
      .key(
          "head_within", config::positive_duration(),
          [](LimitSettings & limits) -> auto& { return limits.http.for_head; },
          "a request's head has to be there after its first byte")
      .fallback("10s");
  table
      .key(
          "piece_within", config::positive_duration(),
          [](LimitSettings & limits) -> auto& { return limits.http.for_piece; },
          "a peer that neither sends nor takes a byte for so long is left")
      .fallback("30s");
  table
      .key(
          "slowest", config::size(),
          [](LimitSettings & limits) -> auto& { return limits.http.slowest; },
          "a body has to come with so much a second at least")
      .fallback("1KiB");
  table
      .key(
          "stop_within", config::positive_duration(),
          [](LimitSettings & limits) -> auto& { return limits.http.to_stop; },
          "answers under way may end when the server stops")
      .fallback("5s");
}

void declare_rates(Table<LimitSettings>& table) {
  table
      .key(
          "requests", config::positive_number(),
          [](LimitSettings & limits) -> auto& { return limits.callers.a_second; },
          "of one token, a second")
      .fallback(100);
  table
      .key(
          "requests_at_once", config::positive_number(),
          [](LimitSettings & limits) -> auto& { return limits.callers.burst; },
          "of one token before that counts")
      .fallback(400);
  table
      .key(
          "wrong_tokens", config::positive_number(),
          [](LimitSettings & limits) -> auto& { return limits.strangers.a_second; },
          "of one address, a second: with a token that is none")
      .fallback(1);
  table
      .key(
          "wrong_tokens_at_once", config::positive_number(),
          [](LimitSettings & limits) -> auto& { return limits.strangers.burst; },
          "of one address before that counts")
      .fallback(30);
}

const Table<LimitSettings>& limits_table() {
  static const auto the_table = [] {
    Table<LimitSettings> table("limits", "what the server takes of those who call it");
    declare_http_limits(table);
    declare_rates(table);
    return table;
  }();
  return the_table;
}

const Table<JobSettings>& jobs_table() {
  static const auto the_table = [] {
    Table<JobSettings> table("jobs", "what holds for jobs whose pipeline does not say");
    table
        .key("labels", config::list_of(config::name()), &JobSettings::labels,
             "a job that asks for no labels runs on an agent that has these")
        .fallback(boost::json::array());
    return table;
  }();
  return the_table;
}

// As `pipeline gc` has them.
const Table<RetentionSettings>& retention_table() {
  static const auto the_table = [] {
    Table<RetentionSettings> table(
        "retention", "the server removes old runs by itself; without this table it keeps all");
    table
        .key(
            "keep_runs", kept_as<std::size_t>(config::count(1, kMany)),
            [](RetentionSettings & retention) -> auto& { return retention.policy.keep_runs; },
            "the newest of each pipeline stay, whatever their age")
        .fallback(200);
    table
        .key(
            "keep_for", config::duration(),
            [](RetentionSettings & retention) -> auto& { return retention.policy.keep_for; },
            "what ended since then stays, however much it is")
        .fallback("30d");
    table.key(
        "keep_size", config::size(),
        [](RetentionSettings & retention) -> auto& { return retention.policy.keep_bytes; },
        "no more stays of each pipeline, whatever the two above say");
    table
        .key("every", config::positive_duration(), &RetentionSettings::every,
             "how often it looks what may go")
        .fallback("1d");
    return table;
  }();
  return the_table;
}

void check_login_of_mail(const Node& node, MailSettings& mail, Problems& problems) {
  if (mail.user.empty() == !mail.password_file) return;
  problems.error(node.span,
                 mail.user.empty() ? "there is a password, and nobody it belongs to"
                                   : "there is a user without a password",
                 "who logs in has both: user, and password_file");
}

const Table<MailSettings>& mail_table() {
  static const auto the_table = [] {
    Table<MailSettings> table("mail", "how mail leaves; without this table none does");
    table
        .key("server", mail_server_url(), &MailSettings::server,
             "who takes it: smtp:// with STARTTLS, smtps:// with TLS, smtp+plain:// without")
        .required();
    table.key("from", config::mail_address(), &MailSettings::from, "the address that it comes from")
        .required();
    table.key("user", config::non_empty_text(), &MailSettings::user,
              "who logs in there; without it nobody does");
    table.key("password_file", file(), &MailSettings::password_file, "holds the user's password");
    table.at_end(check_login_of_mail);
    return table;
  }();
  return the_table;
}

const Table<LoginSettings>& login_table() {
  static const auto the_table = [] {
    Table<LoginSettings> table("login",
                               "people log in through an identity provider (OpenID Connect)");
    table.key("issuer", issuer_url(), &LoginSettings::issuer, "the provider, as it calls itself")
        .required();
    table
        .key("client_id", config::non_empty_text(), &LoginSettings::client_id,
             "what it calls this server")
        .required();
    table.key("client_secret_file", file(), &LoginSettings::client_secret_file,
              "holds the secret that it has given us");
    table
        .key("scopes", config::list_of(config::non_empty_text()), &LoginSettings::scopes,
             "asked for beside openid and profile")
        .fallback(boost::json::array());
    table
        .key("name_claim", config::non_empty_text(), &LoginSettings::name_claim,
             "what of the provider's word people are called by")
        .fallback(boost::json::string(LoginSettings().name_claim));
    table
        .key("groups_claim", config::non_empty_text(), &LoginSettings::groups_claim,
             "what of it has their groups")
        .fallback(boost::json::string(LoginSettings().groups_claim));
    table.key("authority_file", file(), &LoginSettings::authority_file,
              "certificates that it may be signed by, as PEM; default: those the system trusts");
    return table;
  }();
  return the_table;
}

template <class Member>
Part part(std::string name, Holds holds, Member ServerSettings::*member,
          const config::TableShape* table = nullptr) {
  return {std::move(name), holds,
          [member](const ServerSettings& a, const ServerSettings& b) {
            return !(a.*member == b.*member);
          },
          table};
}

}  // namespace

const Table<ServerSettings>& server_table() {
  static const auto the_table = [] {
    Table<ServerSettings> table("server", "how a server of pipelines works");
    table
        .key("listen", listen_address(), &ServerSettings::listen,
             "where it is called; port 0: any that is free")
        .fallback("127.0.0.1:8440");
    table.key("public_url", server_url(), &ServerSettings::public_url,
              "where people and their browsers find it; default: where it listens");
    table.key("tls", config::table_type(tls_table, "a table [tls]"), &ServerSettings::tls,
              tls_table().description());
    table.key("agents", config::table_type(agents_table, "a table [agents]"),
              &ServerSettings::agents, agents_table().description());
    table.key("limits", config::table_type(limits_table, "a table [limits]"),
              &ServerSettings::limits, limits_table().description());
    table.key("jobs", config::table_type(jobs_table, "a table [jobs]"), &ServerSettings::jobs,
              jobs_table().description());
    table.key("retention", config::table_type(retention_table, "a table [retention]"),
              &ServerSettings::retention, retention_table().description());
    table.key("mail", config::table_type(mail_table, "a table [mail]"), &ServerSettings::mail,
              mail_table().description());
    table.key("login", config::table_type(login_table, "a table [login]"), &ServerSettings::login,
              login_table().description());
    return table;
  }();
  return the_table;
}

const std::vector<Part>& parts() {
  static const std::vector<Part> the_parts = {
      part("listen", Holds::at_restart, &ServerSettings::listen),
      part("public_url", Holds::at_restart, &ServerSettings::public_url),
      part("tls", Holds::at_restart, &ServerSettings::tls, &tls_table()),
      part("agents", Holds::at_restart, &ServerSettings::agents, &agents_table()),
      part("limits", Holds::at_restart, &ServerSettings::limits, &limits_table()),
      part("jobs", Holds::at_restart, &ServerSettings::jobs, &jobs_table()),
      part("retention", Holds::at_reload, &ServerSettings::retention, &retention_table()),
      part("mail", Holds::at_restart, &ServerSettings::mail, &mail_table()),
      part("login", Holds::at_restart, &ServerSettings::login, &login_table()),
  };
  return the_parts;
}

}  // namespace pipeline::settings
