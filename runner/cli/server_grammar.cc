#include "runner/cli/server_grammar.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "pipelines/base/text.h"
#include "runner/cli/option_groups.h"
#include "runner/forge/forge.h"

namespace pipeline::cli {

namespace {

std::vector<std::string> forge_words() {
  std::vector<std::string> words;
  words.reserve(forge::kForges.size());
  for (const forge::Forge forge : forge::kForges) words.emplace_back(forge::to_string(forge));
  return words;
}

void add_oidc(CLI::App& sub, settings::LoginSettings& oidc) {
  CLI::Option* const issuer =
      sub.add_option("--oidc-issuer", oidc.issuer,
                     "people log in through this identity provider (OpenID Connect)")
          ->type_name("URL");
  CLI::Option* const client =
      sub.add_option("--oidc-client-id", oidc.client_id, "what it calls this server")
          ->type_name("ID")
          ->needs(issuer);
  issuer->needs(client);
  const auto add = [&](const char* name, auto& value, const char* meaning, const char* type) {
    return sub.add_option(name, value, meaning)->type_name(type)->needs(issuer);
  };
  add("--oidc-client-secret-file", oidc.client_secret_file, "the secret that it has given us",
      "FILE");
  add("--oidc-scope", oidc.scopes, "asked for beside openid and profile; may be repeated", "SCOPE")
      ->allow_extra_args(false);
  add("--oidc-name-claim", oidc.name_claim,
      "what of it people are called by; default: preferred_username", "CLAIM");
  add("--oidc-groups-claim", oidc.groups_claim, "what of it has their groups; default: groups",
      "CLAIM");
  add("--oidc-ca-file", oidc.authority_file, "certificates that it may be signed by, as PEM",
      "FILE");
}

}  // namespace

void ServerGrammar::declare_serve(CLI::App& sub) {
  sub.add_option("--data", serve_.data, "everything it keeps; default: PIPELINE_HOME")
      ->type_name("DIR");
  sub.add_option(
         "--config", serve_.config,
         "its settings; default: server.toml in its directory, if there is one. Options win")
      ->type_name("FILE");
  sub.add_option("--listen", serve_.listen, "where it is called; default: 127.0.0.1:8440")
      ->type_name("HOST:PORT");
  CLI::Option* const certificate =
      sub.add_option("--tls-certificate", serve_.tls_certificate,
                     "speak HTTPS with this certificate and those that lead to its issuer, as PEM; "
                     "a new one is taken when the file changes")
          ->type_name("FILE");
  CLI::Option* const key =
      sub.add_option("--tls-key", serve_.tls_key, "its key, as PEM")->type_name("FILE");
  key->needs(certificate);
  certificate->needs(key);
  add_telling(sub);
  add_oidc(sub, serve_.login);
  CLI::Option* const check = sub.add_flag(
      "--check", serve_.check,
      "only whether it could start: settings, certificate, directory, database, address");
  add_format(sub, serve_.format, "with --check: as JSON");
  sub.get_option("--json")->needs(check);
  sub.callback([this] { choose_(serve_); });
}

// What it tells the world.
void ServerGrammar::add_telling(CLI::App& sub) {
  sub.add_option("--public-url", serve_.public_url,
                 "where people and their browsers find it; default: where it listens")
      ->type_name("URL");
  CLI::Option* const smtp =
      sub.add_option(
             "--smtp", serve_.mail.server,
             "the server that takes its mail: smtp://HOST (with STARTTLS), smtps://HOST, or "
             "smtp+plain://HOST without TLS")
          ->type_name("URL");
  CLI::Option* const from =
      sub.add_option("--mail-from", serve_.mail.from, "the address that its mail comes from")
          ->type_name("ADDRESS")
          ->needs(smtp);
  smtp->needs(from);
  CLI::Option* const user =
      sub.add_option("--smtp-user", serve_.mail.user, "who it logs in there as; default: nobody")
          ->type_name("USER")
          ->needs(smtp);
  CLI::Option* const password =
      sub.add_option("--smtp-password-file", serve_.mail.password_file, "holds the user's password")
          ->type_name("FILE")
          ->needs(user);
  user->needs(password);
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
  sub.add_option_function<std::string>(
         "--keep-size",
         [this](const std::string& text) { agent_.keep_bytes = size_of(text, "--keep-size"); },
         "of outputs, artifacts, mirrors and trees it keeps so much for later jobs; what was not "
         "used for longest goes first. Default: 20GiB")
      ->type_name("SIZE");
  sub.add_flag("--once", agent_.once, "one job, and then no more");
  sub.callback([this] { choose_(agent_); });
}
void ServerGrammar::declare_agents(CLI::App& sub) {
  add_server(sub, agents_.server, "which one; default: PIPELINE_SERVER");
  add_format(sub, agents_.format, "one agent a line, as JSON");
  sub.callback([this] { choose_(agents_); });
}
void ServerGrammar::declare_schedules(CLI::App& sub) {
  add_server(sub, schedules_.server, "which one; default: PIPELINE_SERVER");
  add_format(sub, schedules_.format, "one schedule a line, as JSON");
  sub.callback([this] { choose_(schedules_); });
}
void ServerGrammar::declare_audit(CLI::App& sub) {
  add_server(sub, audit_.server, "which one; default: PIPELINE_SERVER");
  sub.add_option("--tail", audit_.tail, "how many of the newest; default: 50")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  add_format(sub, audit_.format, "all of it, one change a line, as JSON");
  sub.callback([this] { choose_(audit_); });
}
void ServerGrammar::declare_notices(CLI::App& sub) {
  add_server(sub, notices_.server, "which one; default: PIPELINE_SERVER");
  sub.add_option("--state", notices_.state, "only those that are waiting, sent or failed")
      ->type_name("STATE")
      ->check(CLI::IsMember({"waiting", "sent", "failed"}));
  sub.add_option("--tail", notices_.limit, "how many of the newest; default: 50")
      ->check(CLI::Range(1, 200))
      ->type_name("N");
  add_format(sub, notices_.format, "one notice a line, as JSON");
  sub.callback([this] { choose_(notices_); });
}
// `repo add NAME`, `repo set NAME`, `repo list`, `repo remove NAME`, `repo protect NAME BRANCHES`,
// `repo unprotect NAME BRANCHES`.
void ServerGrammar::declare_repo(CLI::App& sub) {
  sub.footer(
      "pipeline repo add NAME [OPTIONS]\n"
      "       pipeline repo set NAME [OPTIONS]\n"
      "       pipeline repo list [OPTIONS]\n"
      "       pipeline repo protect NAME BRANCHES [OPTIONS]\n"
      "       pipeline repo unprotect NAME BRANCHES [OPTIONS]\n"
      "       pipeline repo remove NAME [OPTIONS]");
  words_.declare(sub,
                 {{"REPOSITORY", "what it is called"},
                  {"BRANCHES", "protect, unprotect: a branch, or a pattern such as 'release/*'"}});
  CLI::Option* url =
      sub.add_option("--url", repo_add_.url,
                     "add: where it is, for the server; default: the server hosts it")
          ->type_name("URL");
  CLI::Option* forge =
      sub.add_option("--forge", repo_add_.forge,
                     "add: who tells of it by webhooks: github, gitlab, gitea or forgejo")
          ->type_name("FORGE")
          ->check(CLI::IsMember(forge_words()))
          ->needs(url);
  sub.add_option(
         "--poll", repo_add_.poll,
         "add: how often the server looks for itself, or never; default: 5m, but never with "
         "--forge")
      ->type_name("DURATION")
      ->needs(url);
  sub.add_option("--fork-pull-requests", repo_add_.fork_pull_requests,
                 "add: what becomes of those that come from forks: approve-first (each commit "
                 "waits for `pipeline pulls approve`), run or ignore; they get no secrets and "
                 "deploy nothing; default: approve-first")
      ->type_name("RULE")
      ->check(CLI::IsMember({"approve-first", "run", "ignore"}))
      ->needs(forge);
  sub.add_option("--api-token-file", repo_set_.api_token_file,
                 "set: holds the token that its forge takes commit statuses with; - reads standard "
                 "input, and an empty one takes the token away")
      ->type_name("FILE");
  sub.add_option("--api-url", repo_set_.api_url,
                 "set: where its forge is called, such as https://HOST/api/v3; derived, as at "
                 "first: from its URL")
      ->type_name("URL");
  sub.add_option("--public-status", repo_set_.public_status,
                 "set: whether badges and /cctray.xml tell everybody how it is; at first: no")
      ->type_name("yes|no")
      ->check(CLI::IsMember({"yes", "no"}));
  add_protecting(sub);
  add_server(sub, repo_add_.server, "which one; default: PIPELINE_SERVER");
  add_format(sub, repo_list_.format, "list: one repository a line, as JSON");
  sub.callback([this, &sub] { choose_(repo_command(sub)); });
}
void ServerGrammar::add_protecting(CLI::App& sub) {
  CLI::Option* const waits = sub.add_flag(
      "--wait-for-pipeline", repo_protect_.wait_for_pipeline,
      "protect: a push is kept aside, and becomes the branch's head when the runs that it starts "
      "have succeeded");
  CLI::Option* const no_force = sub.add_flag_callback(
      "--no-force", [] {}, "protect: no deletion, and nothing but fast-forwards (the default)");
  sub.add_flag("--allow-force", repo_protect_.allow_force,
               "protect: deletion and other moves, too, by those who may push")
      ->excludes(waits)
      ->excludes(no_force);
  sub.add_option("--role", repo_protect_.role,
                 "protect: that pushing takes: runner, approver, deployer or admin; default: "
                 "runner")
      ->type_name("ROLE")
      ->check(CLI::IsMember({"runner", "approver", "deployer", "admin"}));
}
Command ServerGrammar::repo_command(const CLI::App& sub) {
  const std::string& action = words_.choose(
      sub, {{"add"}, {"set"}, {"list", 0}, {"remove"}, {"protect", 2}, {"unprotect", 2}});
  if (action == "unprotect")
    return RepoUnprotectOptions{repo_add_.server, words_.first(), words_.second()};
  repo_protect_.server = repo_add_.server;
  repo_protect_.name = words_.first();
  repo_protect_.branches = words_.second();
  if (action == "protect") return repo_protect_;
  repo_list_.server = repo_set_.server = repo_add_.server;
  if (action == "list") return repo_list_;
  repo_add_.name = words_.first();
  if (action == "add") return repo_add_;
  repo_set_.name = words_.first();
  if (action == "set") return repo_set_;
  return RepoRemoveOptions{repo_add_.server, words_.first()};
}
// `token add NAME`, `token list`, `token remove NAME`.
void ServerGrammar::declare_token(CLI::App& sub) {
  sub.footer(
      "pipeline token add NAME --scope SCOPE [OPTIONS]\n"
      "       pipeline token list [OPTIONS]\n"
      "       pipeline token remove NAME [OPTIONS]");
  words_.declare(sub, {{"NAME", "what it is called, and a service by it"}});
  sub.add_option("--scope", token_add_.scopes,
                 "add: what it may do: read, run, approve, deploy, agent, flags or admin; may be "
                 "repeated")
      ->allow_extra_args(false)
      ->type_name("SCOPE");
  sub.add_option("--user", token_add_.user,
                 "add: of that user, whose roles it is no more than; default: of a service, whose "
                 "scopes hold everywhere")
      ->type_name("USER");
  sub.add_option("--labels", token_add_.labels,
                 "add: what agents that come with it may have, with commas between; default: any")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("LABELS");
  add_server(sub, token_add_.server, "which one; default: PIPELINE_SERVER");
  add_format(sub, token_list_.format, "list: one token a line, as JSON");
  sub.callback([this, &sub] { choose_(token_command(sub)); });
}
Command ServerGrammar::token_command(const CLI::App& sub) {
  const std::string& action = words_.choose(sub, {{"add"}, {"list", 0}, {"remove"}});
  token_list_.server = token_add_.server;
  if (action == "list") return token_list_;
  token_add_.name = words_.first();
  if (action == "remove") return TokenRemoveOptions{token_add_.server, words_.first()};
  if (token_add_.scopes.empty()) throw CLI::RequiredError("--scope");
  return token_add_;
}

}  // namespace pipeline::cli
