// pipeline user, pipeline group and pipeline role: who may use a server, and for what.
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/table.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using http_client::escaped;

std::string text_of(const json::value& entry, std::string_view member) {
  const auto* const value = entry.as_object().if_contains(member);
  return value == nullptr ? "" : base::printable(value->as_string());
}

std::string words_of(const json::value& entry, std::string_view member) {
  std::vector<std::string> words;
  for (const json::value& word : entry.at(member).as_array())
    words.push_back(base::printable(word.as_string()));
  return base::join(words, ", ");
}

// Each as JSON, or as a row that `cells` makes.
template <class Cells>
Outcome print_list(const ServerChoice& server, const char* path, const char* name,
                   render::Table table, Format format, Context& context, const Cells& cells) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(server));
  PIPELINE_ASSIGN(const json::value answer, client.get(path));
  Console& console = context.console;
  for (const json::value& one : answer.at(name).as_array()) {
    if (format == Format::json)
      console.out.write(json::serialize(one) + "\n");
    else
      table.add(cells(one));
  }
  if (format == Format::text)
    console.out.write(table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

Outcome say(Context& context, const std::string& text) {
  context.console.out.write(text + "\n");
  return ExitCode::success;
}

// "shop", "shop, environment staging", "all repositories".
std::string place_of(const std::string& repository, const std::string& environment) {
  std::string text = repository == "*" ? "all repositories" : repository;
  if (!environment.empty()) text += ", environment " + environment;
  return text;
}

}  // namespace

Outcome execute(const UserAddOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  json::object body{{"name", options.name}};
  if (options.subject) body["subject"] = *options.subject;
  PIPELINE_TRY(client.post("/users", body));
  return say(context, options.name + " is known, and may do what roles say: pipeline role grant " +
                          options.name + " ROLE --repo NAME");
}

Outcome execute(const UserListOptions& options, Context& context) {
  return print_list(options.server, "/users", "users",
                    render::Table({"user", "groups", "logs in as", "since"}), options.format,
                    context, [](const json::value& one) -> std::vector<render::Cell> {
                      return {{text_of(one, "name")},
                              {words_of(one, "groups")},
                              {text_of(one, "subject")},
                              {text_of(one, "added_at")}};
                    });
}

Outcome execute(const UserRemoveOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_TRY(client.remove("/users/" + escaped(options.name)));
  return say(context, options.name + " is gone, with his tokens and roles");
}

Outcome execute(const GroupAddOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_TRY(client.post("/groups", json::object{{"name", options.name}}));
  return say(context, "there is a group " + options.name);
}

Outcome execute(const GroupListOptions& options, Context& context) {
  return print_list(
      options.server, "/groups", "groups", render::Table({"group", "members", "since"}),
      options.format, context, [](const json::value& one) -> std::vector<render::Cell> {
        return {{text_of(one, "name")}, {words_of(one, "members")}, {text_of(one, "added_at")}};
      });
}

Outcome execute(const GroupRemoveOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_TRY(client.remove("/groups/" + escaped(options.name)));
  return say(context, "the group " + options.name + " is gone, with its roles");
}

Outcome execute(const GroupMemberOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  const std::string path =
      "/groups/" + escaped(options.group) + "/members/" + escaped(options.user);
  const bool adds = options.change == GroupMemberOptions::Change::add;
  if (adds)
    PIPELINE_TRY(client.put(path));
  else
    PIPELINE_TRY(client.remove(path));
  return say(context, options.user + (adds ? " is in " : " is not in ") + options.group);
}

Outcome execute(const RoleGrantOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  json::object body{
      {"subject", options.subject}, {"role", options.role}, {"repository", options.repository}};
  if (!options.environment.empty()) body["environment"] = options.environment;
  PIPELINE_TRY(client.post("/roles", body));
  return say(context, options.subject + " is " + options.role + " of " +
                          place_of(options.repository, options.environment));
}

Outcome execute(const RoleRevokeOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  std::string path =
      "/roles?subject=" + escaped(options.subject) + "&repository=" + escaped(options.repository);
  if (!options.environment.empty()) path += "&environment=" + escaped(options.environment);
  PIPELINE_TRY(client.remove(path));
  return say(context, options.subject + " has no role of its own in " +
                          place_of(options.repository, options.environment) + " any more");
}

Outcome execute(const RoleListOptions& options, Context& context) {
  return print_list(options.server, "/roles", "roles",
                    render::Table({"who", "role", "where", "environment"}), options.format, context,
                    [](const json::value& one) -> std::vector<render::Cell> {
                      return {{text_of(one, "subject")},
                              {text_of(one, "role")},
                              {text_of(one, "repository")},
                              {text_of(one, "environment")}};
                    });
}

}  // namespace pipeline::cli
