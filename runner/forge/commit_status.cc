#include "runner/forge/commit_status.h"

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "agents/http/server_address.h"
#include "pipelines/base/text.h"

namespace pipeline::forge {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;

// GitHub's limit; GitLab's and Gitea's are 255 bytes.
constexpr std::size_t kLongestDescription = 140;

using Words = std::array<std::string_view, 6>;  // by CommitState
constexpr Words kHubWords = {"pending", "pending", "success", "failure", "error", "error"};
constexpr Words kGitlabWords = {"pending", "running", "success", "failed", "failed", "canceled"};

struct Url {
  std::string scheme;  // "https"
  std::string host;    // with its port
  std::string path;    // "owner/name"
};

std::optional<Url> parse(std::string_view url) {
  Url parsed;
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  parsed.scheme = url.substr(0, colon);
  if (parsed.scheme != "http" && parsed.scheme != "https") return std::nullopt;
  url.remove_prefix(colon + 3);
  const auto slash = url.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  parsed.host = url.substr(0, slash);
  if (const auto at = parsed.host.rfind('@'); at != std::string::npos) parsed.host.erase(0, at + 1);
  std::string_view path = url.substr(slash);
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  parsed.path = path;
  if (parsed.host.empty() || parsed.path.find('/') == std::string::npos) return std::nullopt;
  return parsed;
}

std::string api_of(Forge forge, const Url& url) {
  std::string base = url.scheme + "://" + url.host;
  switch (forge) {
    case Forge::github:
      return url.host == "github.com" ? "https://api.github.com" : base + "/api/v3";
    case Forge::gitlab:
      return base + "/api/v4";
    case Forge::gitea:
    case Forge::forgejo:
      return base + "/api/v1";
  }
  return base;
}

// A path whose parts are escaped, but not what parts them.
std::string escaped_path(const std::string& path) {
  std::vector<std::string> parts = base::split(path, '/');
  for (std::string& part : parts) part = http_client::escaped(part);
  return base::join(parts, "/");
}

}  // namespace

std::string_view word_of(Forge forge, CommitState state) {
  const Words& words = forge == Forge::gitlab ? kGitlabWords : kHubWords;
  return words.at(static_cast<std::size_t>(state));
}

std::string body_of(Forge forge, const CommitStatus& status) {
  json::object body{
      {"state", word_of(forge, status.state)},
      {forge == Forge::gitlab ? "name" : "context", status.context},
      {"description", base::elide(base::printable(status.description), kLongestDescription)}};
  if (!status.link.empty()) body["target_url"] = status.link;
  // GitLab keeps statuses by pipeline: without it, of whichever branch it finds.
  if (forge == Forge::gitlab && !status.branch.empty()) body["ref"] = status.branch;
  return json::serialize(body);
}

Result<ForgePlace> place_of(Forge forge, const std::string& url,
                            const std::optional<std::string>& api_url) {
  const auto parsed = parse(url);
  if (!parsed) {
    return base::fail(Error(ErrorKind::invalid,
                            "the repository's URL does not say what its forge "
                            "calls it")
                          .hint("give it one such as https://HOST/OWNER/NAME"));
  }
  std::string api = api_url.value_or(api_of(forge, *parsed));
  while (api.ends_with('/')) api.pop_back();
  return ForgePlace{std::move(api), parsed->path};
}

std::string url_of(Forge forge, const ForgePlace& place, const std::string& commit) {
  if (forge == Forge::gitlab)
    return place.api_url + "/projects/" + http_client::escaped(place.repository) + "/statuses/" +
           commit;
  return place.api_url + "/repos/" + escaped_path(place.repository) + "/statuses/" + commit;
}

std::vector<std::pair<std::string, std::string>> fields_of(Forge forge, const std::string& token) {
  switch (forge) {
    case Forge::github:
      return {{"Accept", "application/vnd.github+json"},
              {"Authorization", "Bearer " + token},
              {"X-GitHub-Api-Version", "2022-11-28"}};
    case Forge::gitlab:
      return {{"Accept", "application/json"}, {"PRIVATE-TOKEN", token}};
    case Forge::gitea:
    case Forge::forgejo:
      return {{"Accept", "application/json"}, {"Authorization", "token " + token}};
  }
  return {};
}

bool says_known(Forge forge, unsigned status, std::string_view body) {
  constexpr unsigned kBadRequest = 400;
  return forge == Forge::gitlab && status == kBadRequest &&
         body.find("Cannot transition status") != std::string_view::npos;
}

}  // namespace pipeline::forge
