#include "runner/cli/serve_settings.h"

#include "agents/http/server_address.h"
#include "pipelines/config/formats.h"
#include "runner/cli/user_mistake.h"

namespace pipeline::cli {

namespace fs = std::filesystem;
using base::Result;

namespace {

constexpr const char* kFileName = "server.toml";

Result<fs::path> whole_path(const fs::path& path) {
  std::error_code error;
  fs::path whole = fs::absolute(path, error).lexically_normal();
  if (error) return base::fail(base::Error::from_errno(error.value(), "find " + path.string()));
  return whole;
}

// A relative path is one from here; a server has its own directory.
Result<> make_whole(std::optional<fs::path>& path) {
  if (!path) return {};
  PIPELINE_ASSIGN(path, whole_path(*path));
  return {};
}

Result<> take_outside(const ServeOptions& options, settings::ServerSettings& settings) {
  if (options.public_url) {
    PIPELINE_ASSIGN(const auto address, http_client::ServerAddress::parse(*options.public_url));
    settings.public_url = address.to_text();
  }
  if (!options.mail.server.empty()) {
    settings.mail = options.mail;
    PIPELINE_ASSIGN(settings.mail->from, config::parse_mail_address(options.mail.from));
    PIPELINE_TRY(make_whole(settings.mail->password_file));
  }
  if (!options.login.issuer.empty()) {
    settings.login = options.login;
    PIPELINE_TRY(make_whole(settings.login->client_secret_file));
    PIPELINE_TRY(make_whole(settings.login->authority_file));
  }
  return {};
}

}  // namespace

std::string SettingsFile::problems(config::Color color) const {
  return config::render(read.diagnostics, {{path.native(), text}}, color);
}

Result<std::optional<SettingsFile>> find_settings_file(const ServeOptions& options,
                                                       const fs::path& root) {
  SettingsFile file{.path = options.config.value_or(root / kFileName), .text = {}, .read = {}};
  std::error_code ignored;
  if (!options.config && !fs::exists(file.path, ignored)) return std::nullopt;
  PIPELINE_ASSIGN(file.text, read_named_file(file.path));
  file.read = settings::read_settings(file.text);
  return file;
}

Result<settings::ServerSettings> settle(const ServeOptions& options,
                                        const std::optional<SettingsFile>& file) {
  settings::ServerSettings settings;
  if (file) {
    if (!file->read.settings)
      return base::fail(base::ErrorKind::invalid, file->problems(config::Color::no));
    settings = *file->read.settings;
  }
  if (options.listen) {
    PIPELINE_ASSIGN(settings.listen,
                    host::Address::parse(*options.listen, host::Address::FreePort::yes));
  }
  if (options.tls_certificate) {
    PIPELINE_ASSIGN(const fs::path certificate, whole_path(*options.tls_certificate));
    PIPELINE_ASSIGN(const fs::path key, whole_path(*options.tls_key));
    settings.tls = http::TlsFiles{certificate, key};
  }
  PIPELINE_TRY(take_outside(options, settings));
  return settings;
}

}  // namespace pipeline::cli
