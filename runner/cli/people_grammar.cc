#include "runner/cli/people_grammar.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "pipelines/access/role.h"
#include "pipelines/base/text.h"
#include "runner/cli/option_groups.h"

namespace pipeline::cli {

namespace {

constexpr const char* kHidden = "";  // group of options that help does not show
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
  sub.add_option("ACTION", words_[0])->group(kHidden);
  sub.add_option("USER", words_[1], "what the server calls somebody");
  sub.add_option("--subject", user_add_.subject,
                 "add: who that is for the identity provider (its `sub`); default: who logs in "
                 "under a new name is added then")
      ->type_name("ID");
  add_server(sub, server_, kWhichServer);
  add_format(sub, format_, "list: one user a line, as JSON");
  sub.callback([this] { choose_(user_command()); });
}
Command PeopleGrammar::user_command() {
  const std::string action = action_among({{"add", 1}, {"list", 0}, {"remove", 1}}, "user");
  if (action == "list") return UserListOptions{server_, format_};
  if (action == "remove") return UserRemoveOptions{server_, words_[1]};
  user_add_.server = server_;
  user_add_.name = words_[1];
  return user_add_;
}

void PeopleGrammar::declare_group(CLI::App& sub) {
  sub.footer(
      "pipeline group add GROUP [OPTIONS]\n"
      "       pipeline group list [OPTIONS]\n"
      "       pipeline group remove GROUP [OPTIONS]\n"
      "       pipeline group add-member GROUP USER [OPTIONS]\n"
      "       pipeline group remove-member GROUP USER [OPTIONS]");
  sub.add_option("ACTION", words_[0])->group(kHidden);
  sub.add_option("GROUP", words_[1], "what it is called");
  sub.add_option("USER", words_[2], "add-member, remove-member: who");
  add_server(sub, server_, kWhichServer);
  add_format(sub, format_, "list: one group a line, as JSON");
  sub.callback([this] { choose_(group_command()); });
}
Command PeopleGrammar::group_command() {
  const std::string action = action_among(
      {{"add", 1}, {"list", 0}, {"remove", 1}, {"add-member", 2}, {"remove-member", 2}}, "group");
  if (action == "list") return GroupListOptions{server_, format_};
  if (action == "add") return GroupAddOptions{server_, words_[1]};
  if (action == "remove") return GroupRemoveOptions{server_, words_[1]};
  const auto change =
      action == "add-member" ? GroupMemberOptions::Change::add : GroupMemberOptions::Change::remove;
  return GroupMemberOptions{server_, change, words_[1], words_[2]};
}

void PeopleGrammar::declare_role(CLI::App& sub) {
  sub.footer(
      "pipeline role grant USER|group:GROUP ROLE --repo NAME [--env ENV] [OPTIONS]\n"
      "       pipeline role revoke USER|group:GROUP --repo NAME [--env ENV] [OPTIONS]\n"
      "       pipeline role list [OPTIONS]");
  sub.add_option("ACTION", words_[0])->group(kHidden);
  sub.add_option("SUBJECT", words_[1], "a user, or group:GROUP");
  sub.add_option("ROLE", words_[2],
                 "grant: viewer, runner (start, cancel, retry, push), approver, deployer or admin; "
                 "each may do what those before it may");
  sub.add_option("--repo", role_.repository, "where; '*' is everywhere")->type_name("NAME");
  sub.add_option("--env", role_.environment, "only in that environment of it: approver or deployer")
      ->type_name("ENV");
  add_server(sub, server_, kWhichServer);
  add_format(sub, format_, "list: one role a line, as JSON");
  sub.callback([this] { choose_(role_command()); });
}
Command PeopleGrammar::role_command() {
  const std::string action = action_among({{"grant", 2}, {"revoke", 1}, {"list", 0}}, "role");
  if (action == "list") return RoleListOptions{server_, format_};
  if (role_.repository.empty()) throw CLI::RequiredError("--repo");
  role_.server = server_;
  role_.subject = words_[1];
  role_.role = words_[2];
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
  sub.add_option("ACTION", words_[0])->group(kHidden);
  sub.add_option("REPOSITORY", words_[1], "approve, reject: whose");
  sub.add_option("NUMBER", words_[2], "approve, reject: which");
  add_server(sub, server_, kWhichServer);
  add_format(sub, format_, "list: one pull request a line, as JSON");
  sub.callback([this] { choose_(pulls_command()); });
}
Command PeopleGrammar::pulls_command() {
  if (words_[0].empty()) words_[0] = "list";
  const std::string action = action_among({{"list", 0}, {"approve", 2}, {"reject", 2}}, "pulls");
  if (action == "list") return PullsListOptions{server_, format_};
  return PullsDecideOptions{server_, action == "approve", words_[1],
                            positive_number_of(words_[2], "NUMBER")};
}

// The first word, which must be one of these, followed by as many as it takes.
std::string PeopleGrammar::action_among(const std::vector<Action>& actions,
                                        const std::string& command) {
  std::vector<std::string> names;
  names.reserve(actions.size());
  for (const Action& action : actions) names.emplace_back(action.name);
  if (words_[0].empty()) throw CLI::RequiredError(base::join(names, ", "));
  const auto found = std::ranges::find(names, words_[0]);
  if (found == names.end())
    throw CLI::ValidationError(command,
                               "'" + words_[0] + "' is none of " + base::join(names, ", "));
  const std::size_t wanted = actions[static_cast<std::size_t>(found - names.begin())].words;
  for (std::size_t i = 1; i < words_.size(); ++i) {
    if (i <= wanted && words_[i].empty())
      throw CLI::RequiredError(i == 1 ? "a name" : "a second word");
    if (i > wanted && !(surplus_ = words_[i]).empty()) throw CLI::ExtrasError({surplus_});
  }
  return words_[0];
}

}  // namespace pipeline::cli
