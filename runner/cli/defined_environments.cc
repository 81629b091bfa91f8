#include "runner/cli/defined_environments.h"

#include "runner/cli/server_client.h"

namespace pipeline::cli {

namespace json = boost::json;

namespace {

using Defined = std::pair<std::string, std::string>;

base::Result<Defined> defined_in(const json::value& value) {
  const auto* const object = value.if_object();
  const auto text = [&](const char* member) -> const json::string* {
    const auto* const found = object == nullptr ? nullptr : object->if_contains(member);
    return found == nullptr ? nullptr : found->if_string();
  };
  if (text("environment") == nullptr || text("text") == nullptr) return base::fail(not_a_server());
  return Defined{*text("environment"), *text("text")};
}

}  // namespace

std::string environments_path(const std::string& repository) {
  return "/repositories/" + http_client::escaped(repository) + "/environments";
}

base::Result<config::ServerEnvironments> environments_defined_at(const ServerChoice& server,
                                                                 const std::string& repository) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(server));
  PIPELINE_ASSIGN(const json::value answer, client.get(environments_path(repository)));
  PIPELINE_ASSIGN(auto all, list_in<Defined>(answer, "environments", defined_in));
  return config::ServerEnvironments(std::make_move_iterator(all.begin()),
                                    std::make_move_iterator(all.end()));
}

}  // namespace pipeline::cli
