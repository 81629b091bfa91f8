// What an operator can say of those outside whom a server needs: who takes its mail, and who knows
// its people.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pipeline::settings {

struct MailSettings {
  std::string server;  // its URL, as notify::MailServer::parse() reads it
  std::string from;    // the address that mail comes from
  std::string user{};  // empty: nobody logs in there
  std::optional<std::filesystem::path> password_file{};

  bool operator==(const MailSettings&) const = default;
};

// The identity provider through which people log in (OpenID Connect).
struct LoginSettings {
  std::string issuer;
  std::string client_id;
  std::optional<std::filesystem::path> client_secret_file{};
  std::vector<std::string> scopes{};  // asked for beside openid and profile
  std::string name_claim = "preferred_username";
  std::string groups_claim = "groups";
  std::optional<std::filesystem::path> authority_file{};  // PEM; none: those the system trusts

  bool operator==(const LoginSettings&) const = default;
};

}  // namespace pipeline::settings
