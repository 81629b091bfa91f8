// pipeline whoami.
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;

std::string joined(const json::value& words) {
  std::vector<std::string> all;
  for (const json::value& word : words.as_array()) all.push_back(base::printable(word.as_string()));
  return all.empty() ? "none" : base::join(all, ", ");
}

// "deployer of shop, environment staging".
std::string described(const json::value& role) {
  std::string text = base::printable(role.at("role").as_string());
  const std::string repository = base::printable(role.at("repository").as_string());
  text += " of " + (repository == "*" ? "all repositories" : repository);
  if (const auto* const environment = role.as_object().if_contains("environment"))
    text += ", environment " + base::printable(environment->as_string());
  return text;
}

std::string roles_of(const json::value& answer) {
  std::vector<std::string> all;
  for (const json::value& role : answer.at("roles").as_array()) all.push_back(described(role));
  return all.empty() ? "none: an admin gives them with pipeline role grant" : base::join(all, "; ");
}

}  // namespace

Outcome execute(const WhoamiOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value answer, client.get("/me"));
  auto& out = context.console.out;
  if (options.format == Format::json) {
    out.write(json::serialize(answer) + "\n");
    return ExitCode::success;
  }
  const bool is_person = answer.at("kind") == "user";
  out.write(base::printable(answer.at("name").as_string()) +
            (is_person ? "\n" : ", a token of a service\n"));
  if (is_person) {
    out.write("groups: " + joined(answer.at("groups")) + "\n");
    out.write("roles:  " + roles_of(answer) + "\n");
  }
  out.write("scopes: " + joined(answer.at("scopes")) + "\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
