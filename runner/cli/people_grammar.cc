#include "runner/cli/people_grammar.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "pipelines/access/role.h"
#include "pipelines/base/text.h"
#include "runner/cli/option_groups.h"

namespace pipeline::cli {

namespace {

constexpr const char* kWhichServer = "which one; default: PIPELINE_SERVER";

std::vector<std::string> role_words() {
  std::vector<std::string> words;
  words.reserve(access::kRoles.size());
  for (const access::Role role : access::kRoles) words.emplace_back(to_string(role));
  return words;
}

}  // namespace

void PeopleGrammar::declare_user(CLI::App& sub) {
  sub.footer(
      "pipeline user add NAME [OPTIONS]\n"
      "       pipeline user list [OPTIONS]\n"
      "       pipeline user remove NAME [OPTIONS]");
  words_.declare(sub, {{"USER", "what the server calls somebody"}});
  sub.add_option("--subject", user_add_.subject,
                 "add: who that is for the identity provider (its `sub`); default: who logs in "
                 "under a new name is added then")
      ->type_name("ID");
  add_server(sub, server_, kWhichServer);
  add_format(sub, format_, "list: one user a line, as JSON");
  sub.callback([this, &sub] { choose_(user_command(sub)); });
}
Command PeopleGrammar::user_command(const CLI::App& sub) {
  const std::string& action = words_.choose(sub, {{"add"}, {"list", 0}, {"remove"}});
  if (action == "list") return UserListOptions{server_, format_};
  if (action == "remove") return UserRemoveOptions{server_, words_.first()};
  user_add_.server = server_;
  user_add_.name = words_.first();
  return user_add_;
}

void PeopleGrammar::declare_group(CLI::App& sub) {
  sub.footer(
      "pipeline group add GROUP [OPTIONS]\n"
      "       pipeline group list [OPTIONS]\n"
      "       pipeline group remove GROUP [OPTIONS]\n"
      "       pipeline group add-member GROUP USER [OPTIONS]\n"
      "       pipeline group remove-member GROUP USER [OPTIONS]");
  words_.declare(sub, {{"GROUP", "what it is called"}, {"USER", "add-member, remove-member: who"}});
  add_server(sub, server_, kWhichServer);
  add_format(sub, format_, "list: one group a line, as JSON");
  sub.callback([this, &sub] { choose_(group_command(sub)); });
}
Command PeopleGrammar::group_command(const CLI::App& sub) {
  const std::string& action = words_.choose(
      sub, {{"add"}, {"list", 0}, {"remove"}, {"add-member", 2}, {"remove-member", 2}});
  if (action == "list") return GroupListOptions{server_, format_};
  if (action == "add") return GroupAddOptions{server_, words_.first()};
  if (action == "remove") return GroupRemoveOptions{server_, words_.first()};
  const auto change =
      action == "add-member" ? GroupMemberOptions::Change::add : GroupMemberOptions::Change::remove;
  return GroupMemberOptions{server_, change, words_.first(), words_.second()};
}

void PeopleGrammar::declare_role(CLI::App& sub) {
  sub.footer(
      "pipeline role grant USER|group:GROUP ROLE --repo NAME [--env ENV] [OPTIONS]\n"
      "       pipeline role revoke USER|group:GROUP --repo NAME [--env ENV] [OPTIONS]\n"
      "       pipeline role list [OPTIONS]");
  words_.declare(
      sub, {{"SUBJECT", "a user, or group:GROUP"},
            {"ROLE",
             "grant: viewer, runner (start, cancel, retry, push), approver, deployer or admin; "
             "each may do what those before it may"}});
  sub.add_option("--repo", role_.repository, "where; '*' is everywhere")->type_name("NAME");
  sub.add_option("--env", role_.environment, "only in that environment of it: approver or deployer")
      ->type_name("ENV");
  add_server(sub, server_, kWhichServer);
  add_format(sub, format_, "list: one role a line, as JSON");
  sub.callback([this, &sub] { choose_(role_command(sub)); });
}
Command PeopleGrammar::role_command(const CLI::App& sub) {
  const std::string& action = words_.choose(sub, {{"grant", 2}, {"revoke"}, {"list", 0}});
  if (action == "list") return RoleListOptions{server_, format_};
  if (role_.repository.empty()) throw CLI::RequiredError("--repo");
  role_.server = server_;
  role_.subject = words_.first();
  role_.role = words_.second();
  if (action == "revoke")
    return RoleRevokeOptions{server_, role_.subject, role_.repository, role_.environment};
  if (!access::role_of(role_.role))
    throw CLI::ValidationError("role",
                               "'" + role_.role + "' is none of " + base::join(role_words(), ", "));
  return role_;
}

void PeopleGrammar::declare_whoami(CLI::App& sub) {
  add_server(sub, server_, kWhichServer);
  add_format(sub, format_, "as JSON");
  sub.callback([this] { choose_(WhoamiOptions{server_, format_}); });
}

void PeopleGrammar::declare_login(CLI::App& sub) {
  sub.add_flag("--with-token", login_.with_token,
               "take a token from standard input, though there is an identity provider");
  add_server(sub, login_.server, kWhichServer);
  sub.callback([this] { choose_(login_); });
}
void PeopleGrammar::declare_logout(CLI::App& sub) {
  add_server(sub, server_, kWhichServer);
  sub.callback([this] { choose_(LogoutOptions{server_}); });
}
void PeopleGrammar::declare_pulls(CLI::App& sub) {
  sub.footer(
      "pipeline pulls [list] [OPTIONS]\n"
      "       pipeline pulls approve REPOSITORY NUMBER [OPTIONS]\n"
      "       pipeline pulls reject REPOSITORY NUMBER [OPTIONS]");
  words_.declare(sub,
                 {{"REPOSITORY", "approve, reject: whose"}, {"NUMBER", "approve, reject: which"}});
  add_server(sub, server_, kWhichServer);
  add_format(sub, format_, "list: one pull request a line, as JSON");
  sub.callback([this, &sub] { choose_(pulls_command(sub)); });
}
Command PeopleGrammar::pulls_command(const CLI::App& sub) {
  const std::string& action =
      words_.choose(sub, {{"list", 0}, {"approve", 2}, {"reject", 2}}, "list");
  if (action == "list") return PullsListOptions{server_, format_};
  return PullsDecideOptions{server_, action == "approve", words_.first(),
                            positive_number_of(words_.second(), "NUMBER")};
}

}  // namespace pipeline::cli
