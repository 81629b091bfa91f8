#include "runner/cli/server_grammar.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "pipelines/base/text.h"
#include "runner/cli/option_groups.h"

namespace pipeline::cli {

namespace {

constexpr const char* kHidden = "";  // group of options that help does not show

}  // namespace

void ServerGrammar::declare_serve(CLI::App& sub) {
  sub.add_option("--data", serve_.data, "everything it keeps; default: PIPELINE_HOME")
      ->type_name("DIR");
  sub.add_option("--listen", serve_.listen, "where it is called; default: 127.0.0.1:8440")
      ->type_name("HOST:PORT");
  sub.callback([this] { choose_(serve_); });
}
void ServerGrammar::declare_agent(CLI::App& sub) {
  add_server(sub, agent_.server, "which one; default: PIPELINE_SERVER");
  sub.add_option("--data", agent_.data, "everything it keeps; default: PIPELINE_HOME")
      ->type_name("DIR");
  sub.add_option("--name", agent_.name, "what it is called; default: the machine's name")
      ->type_name("AGENT");
  sub.add_option("--labels", agent_.labels, "what jobs may ask for, with commas between")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("LABELS");
  sub.add_option("--slots", agent_.slots, "jobs at a time; default: one for each processor")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  sub.add_flag("--once", agent_.once, "one job, and then no more");
  sub.callback([this] { choose_(agent_); });
}
void ServerGrammar::declare_agents(CLI::App& sub) {
  add_server(sub, agents_.server, "which one; default: PIPELINE_SERVER");
  add_format(sub, agents_.format, "one agent a line, as JSON");
  sub.callback([this] { choose_(agents_); });
}
// `repo add NAME`, `repo list`, `repo remove NAME`.
void ServerGrammar::declare_repo(CLI::App& sub) {
  sub.footer(
      "pipeline repo add NAME [OPTIONS]\n"
      "       pipeline repo list [OPTIONS]\n"
      "       pipeline repo remove NAME [OPTIONS]");
  sub.add_option("ACTION", words_[0])->group(kHidden);
  sub.add_option("REPOSITORY", words_[1], "what it is called");
  sub.add_option("--url", repo_add_.url,
                 "add: where it is, for the server; default: the server hosts it")
      ->type_name("URL");
  add_server(sub, repo_add_.server, "which one; default: PIPELINE_SERVER");
  add_format(sub, repo_list_.format, "list: one repository a line, as JSON");
  sub.callback([this] { choose_(repo_command()); });
}
Command ServerGrammar::repo_command() {
  const std::string action = action_among({"add", "list", "remove"}, "repo");
  repo_list_.server = repo_add_.server;
  if (action == "list") return repo_list_;
  repo_add_.name = words_[1];
  if (action == "add") return repo_add_;
  return RepoRemoveOptions{repo_add_.server, words_[1]};
}
// `token add NAME`, `token list`, `token remove NAME`.
void ServerGrammar::declare_token(CLI::App& sub) {
  sub.footer(
      "pipeline token add NAME --scope SCOPE [OPTIONS]\n"
      "       pipeline token list [OPTIONS]\n"
      "       pipeline token remove NAME [OPTIONS]");
  sub.add_option("ACTION", words_[0])->group(kHidden);
  sub.add_option("OWNER", words_[1], "whose it is: a person's, or a machine's, name");
  sub.add_option("--scope", token_add_.scopes,
                 "add: what it may do: read, run, approve, deploy, agent or admin; may be "
                 "repeated")
      ->allow_extra_args(false)
      ->type_name("SCOPE");
  add_server(sub, token_add_.server, "which one; default: PIPELINE_SERVER");
  add_format(sub, token_list_.format, "list: one token a line, as JSON");
  sub.callback([this] { choose_(token_command()); });
}
Command ServerGrammar::token_command() {
  const std::string action = action_among({"add", "list", "remove"}, "token");
  token_list_.server = token_add_.server;
  if (action == "list") return token_list_;
  token_add_.name = words_[1];
  if (action == "remove") return TokenRemoveOptions{token_add_.server, words_[1]};
  if (token_add_.scopes.empty()) throw CLI::RequiredError("--scope");
  return token_add_;
}
// The first word, which must be one of these; all but `list` are followed by a name.
std::string ServerGrammar::action_among(const std::vector<std::string>& actions,
                                        const std::string& command) {
  if (words_[0].empty()) throw CLI::RequiredError("add, list or remove");
  if (std::ranges::find(actions, words_[0]) == actions.end()) {
    throw CLI::ValidationError(command,
                               "'" + words_[0] + "' is none of " + base::join(actions, ", "));
  }
  if (words_[0] == "list" && !(surplus_ = words_[1]).empty()) throw CLI::ExtrasError({surplus_});
  if (words_[0] != "list" && words_[1].empty()) throw CLI::RequiredError("a name");
  return words_[0];
}

}  // namespace pipeline::cli
