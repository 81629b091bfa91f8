#include "tests/support/oidc_provider/oidc_provider.h"

#include <cstdlib>
#include <stdexcept>

namespace pipeline::support {

namespace {

// One test at a time installs; the others find it done. What changed in the lock file is installed
// anew.
std::string install_command() {
  const std::string modules = OIDC_PROVIDER_MODULES;
  return "cd " OIDC_PROVIDER_SOURCE " && cmp -s package-lock.json " + modules +
         "/installed.json || { mkdir -p " + modules + " && flock " + modules +
         " sh -c 'cmp -s package-lock.json " + modules +
         "/installed.json || { cp package.json package-lock.json " + modules + " && cd " + modules +
         " && npm ci --ignore-scripts --no-audit --no-fund && cp package-lock.json "
         "installed.json; }'; } >" +
         modules + ".log 2>&1";
}

bool succeeds(const std::string& command) {
  // NOLINTNEXTLINE(cert-env33-c): a test's own words.
  return std::system(command.c_str()) == 0;
}

}  // namespace

std::optional<std::string> OidcProvider::why_missing() {
  if (!succeeds("node --version >/dev/null 2>&1 && npm --version >/dev/null 2>&1"))
    return "node and npm are not installed";
  if (!succeeds(install_command()))
    return "npm cannot install oidc-provider: see " OIDC_PROVIDER_MODULES ".log";
  return std::nullopt;
}

OidcProvider::OidcProvider(Product& product, const std::string& redirect)
    : product_(product),
      directory_(product.root() / "identity"),
      secret_file_(directory_ / "client.secret") {
  std::filesystem::create_directories(directory_);
  product_.write(secret_file_, kSecret);
  std::string client = R"([{"token_endpoint_auth_method":"client_secret_post","client_id":")";
  client.append(kClient).append(R"(","client_secret":")").append(kSecret);
  client.append(R"(","redirect_uris":[")").append(redirect).append(R"("]}])");
  product_.write(directory_ / "clients.json", client);
  knows("{}");
  sits_there("nobody");
  running_ = std::make_unique<Running>(product_.start_program(
      "/usr/bin/env",
      {"node", std::filesystem::path(OIDC_PROVIDER_SOURCE) / "provider.mjs", OIDC_PROVIDER_MODULES,
       "0", directory_ / "clients.json", directory_ / "accounts.json", directory_ / "who"}));
  eventually([&] { return running_->out().find('\n') != std::string::npos; });
  issuer_ = running_->out().substr(0, running_->out().find('\n'));
  if (issuer_.empty()) throw std::runtime_error("oidc-provider does not start: " + running_->err());
}

void OidcProvider::sits_there(const std::string& subject) {
  product_.write(directory_ / "who", subject);
  std::filesystem::remove(directory_ / "cookies");  // another browser
}

void OidcProvider::knows(const std::string& accounts) {
  product_.write(directory_ / "accounts.json", accounts);
}

Ran OidcProvider::browse(const std::string& address) {
  const std::string cookies = (directory_ / "cookies").string();
  return product_.shell("curl --silent --show-error --max-time 60 --location --cookie " + cookies +
                        " --cookie-jar " + cookies + " '" + address + "'");
}

}  // namespace pipeline::support
