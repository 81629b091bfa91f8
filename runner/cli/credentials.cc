#include "runner/cli/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>

#include "stages/host/file.h"

namespace pipeline::cli {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr mode_t kForOthers = 077;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value == nullptr ? "" : value;
}

// Looked at through the descriptor that is read.
Result<> expect_private(int fd, const fs::path& file) {
  struct stat status {};
  if (::fstat(fd, &status) != 0)
    return base::fail(Error::from_errno(errno, "look at " + file.string()));
  const bool is_ours = status.st_uid == ::geteuid() || status.st_uid == 0;
  if (is_ours && (status.st_mode & kForOthers) == 0) return {};
  return base::fail(
      Error(ErrorKind::permission, file.string() + " is open to others than you")
          .hint("tokens in it may be known: remove it, and log in again with pipeline login"));
}

}  // namespace

Result<Credentials> Credentials::open_default() {
  const std::string config = variable("XDG_CONFIG_HOME");
  const std::string home = variable("HOME");
  if (!config.starts_with('/') && !home.starts_with('/'))
    return base::fail(Error(ErrorKind::not_found, "there is nowhere to keep a token")
                          .hint("set HOME or XDG_CONFIG_HOME, or use --token-file"));
  const fs::path root = config.starts_with('/') ? fs::path(config) : fs::path(home) / ".config";
  return Credentials(root / "pipeline" / "credentials.json");
}

Result<std::optional<std::string>> Credentials::token_for(const std::string& server) const {
  PIPELINE_ASSIGN(const Tokens tokens, read());
  const auto found = tokens.find(server);
  if (found == tokens.end()) return std::optional<std::string>();
  return std::optional(found->second);
}

Result<> Credentials::keep(const std::string& server, const std::string& token) const {
  PIPELINE_ASSIGN(Tokens tokens, read());
  tokens.insert_or_assign(server, token);
  return write(tokens);
}

Result<bool> Credentials::forget(const std::string& server) const {
  PIPELINE_ASSIGN(Tokens tokens, read());
  if (tokens.erase(server) == 0) return false;
  PIPELINE_TRY(write(tokens));
  return true;
}

Result<Credentials::Tokens> Credentials::read() const {
  const auto open = host::open_file(file_, O_RDONLY);
  if (!open && open.error().kind() == ErrorKind::not_found) return Tokens();
  if (!open) return base::fail(open.error());
  PIPELINE_TRY(expect_private(open->get(), file_));
  PIPELINE_ASSIGN(const std::string text, host::read_all(open->get()));
  json::error_code error;
  const json::value value = json::parse(text, error);
  const Error broken = Error(ErrorKind::corrupt, file_.string() + " cannot be read")
                           .hint("remove it, and log in again with pipeline login");
  if (error || !value.is_object()) return base::fail(broken);
  Tokens tokens;
  for (const auto& [server, entry] : value.get_object()) {
    const auto* const token = entry.is_object() ? entry.get_object().if_contains("token") : nullptr;
    if (token == nullptr || !token->is_string()) return base::fail(broken);
    tokens.emplace(server, token->get_string());
  }
  return tokens;
}

Result<> Credentials::write(const Tokens& tokens) const {
  const fs::path directory = file_.parent_path();
  std::error_code error;
  fs::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return base::fail(Error::from_errno(errno, "make " + directory.string()));
  json::object object;
  for (const auto& [server, token] : tokens) object[server] = {{"token", token}};
  return host::write_file(file_, json::serialize(object) + "\n", host::Durability::synced, 0600);
}

}  // namespace pipeline::cli
