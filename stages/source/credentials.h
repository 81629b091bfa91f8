// User names and passwords for servers, from where the user keeps them for git: its credential
// helpers. Never from a terminal: a pipeline has nobody to ask.
#pragma once

#include <optional>
#include <string>

namespace pipeline::source {

struct Credentials {
  std::string user;
  std::string password;
};

// Runs `git credential fill`, for half a minute at most. None when no helper knows the server, or
// there is no git.
std::optional<Credentials> ask_credential_helper(const std::string& url);

}  // namespace pipeline::source
