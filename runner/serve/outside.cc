#include "runner/serve/outside.h"

#include "pipelines/base/text.h"
#include "runner/cli/user_mistake.h"
#include "runner/serve/login_endpoints.h"

namespace pipeline::serve {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using settings::ServerSettings;

// Of a file's one line.
Result<std::string> secret_in(const std::filesystem::path& file) {
  PIPELINE_ASSIGN(const std::string text, cli::read_named_file(file));
  return std::string(base::trim(text));
}

// Where browsers reach the server.
Result<std::string> url_for_browsers(const ServerSettings& settings) {
  if (settings.public_url) return *settings.public_url;
  const host::Address& listen = settings.listen;
  const bool is_one = listen.port != 0 && !listen.host.empty() && listen.host != "*" &&
                      listen.host != "0.0.0.0" && listen.host != "::";
  if (is_one) return (settings.tls ? "https://" : "http://") + listen.to_text();
  return base::fail(
      Error(ErrorKind::invalid, "it is not said where browsers reach this server")
          .hint("--public-url URL, or public_url in server.toml, says it: the identity provider "
                "sends them back there"));
}

}  // namespace

Result<std::optional<notify::MailServer>> mail_server_of(const ServerSettings& settings) {
  if (!settings.mail) return std::optional<notify::MailServer>();
  const settings::MailSettings& mail = *settings.mail;
  PIPELINE_ASSIGN(notify::MailServer server, notify::MailServer::parse(mail.server));
  server.from = mail.from;
  if (mail.user.empty() || !mail.password_file) return std::optional(std::move(server));
  if (server.security == notify::MailServer::Security::none)
    return base::fail(
        Error(ErrorKind::invalid, "a password would go over the network for everybody to read")
            .hint("who logs in at a mail server does so by smtp:// or smtps://"));
  server.user = mail.user;
  PIPELINE_ASSIGN(server.password, secret_in(*mail.password_file));
  return std::optional(std::move(server));
}

Result<std::optional<identity::ProviderSettings>> provider_of(const ServerSettings& settings) {
  if (!settings.login) return std::optional<identity::ProviderSettings>();
  const settings::LoginSettings& login = *settings.login;
  identity::ProviderSettings provider{.issuer = login.issuer,
                                      .client_id = login.client_id,
                                      .redirect_uri = {},
                                      .name_claim = login.name_claim,
                                      .groups_claim = login.groups_claim,
                                      .authorities = login.authority_file};
  if (login.client_secret_file) {
    PIPELINE_ASSIGN(provider.client_secret, secret_in(*login.client_secret_file));
  }
  PIPELINE_ASSIGN(const std::string url, url_for_browsers(settings));
  provider.redirect_uri = url + LoginEndpoints::kCallback;
  for (const std::string& scope : login.scopes) provider.scopes += " " + scope;
  return std::optional(std::move(provider));
}

Result<Outside> outside_of(const ServerSettings& settings) {
  Outside outside;
  PIPELINE_ASSIGN(outside.mail, mail_server_of(settings));
  PIPELINE_ASSIGN(outside.provider, provider_of(settings));
  PIPELINE_ASSIGN(outside.traces, trace::otlp_receiver_of(trace::find_in_environment));
  return outside;
}

}  // namespace pipeline::serve
