// What the command line says, as values: one struct for each command. Made by command_line.h, read
// by the commands; nobody else sees argv.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/run/event.h"
#include "runner/cli/completion.h"
#include "runner/cli/render/tests.h"
#include "runner/settings/outside_settings.h"

namespace pipeline::cli {

// How a listing or a run is printed.
enum class Format { text, json };
// Whether the user forbade colour (`--no-color`); NO_COLOR and what the output is count beside it.
enum class ColorWish { when_possible, never };
enum class SandboxWish { full, none };

// A run named by its number, or `last`: run_names.h says of what.
using RunName = std::optional<run::RunId>;

// Which pipeline of which tree: shared by run, plan and deploy.
struct TreeChoice {
  std::optional<std::string> pipeline;    // NAME or FILE.toml
  std::optional<std::string> repository;  // --repo: path or URL; none: the working tree here
  std::string ref;                        // --ref; empty: the tree as it stands, or HEAD of --repo
  std::map<std::string, std::string> params;
};

// Where a run finds secrets beside those that are kept: secret_sources.h.
struct SecretOptions {
  std::optional<std::filesystem::path> env_file;
  std::vector<std::string> from_env;  // names of variables
  std::vector<std::string> commands;  // NAME=COMMAND
};

// Which server is called, and as whom.
struct ServerChoice {
  std::optional<std::string> url{};                       // --server; none: PIPELINE_SERVER
  std::optional<std::filesystem::path> token_file{};      // none: PIPELINE_TOKEN
  std::optional<std::filesystem::path> authority_file{};  // --ca-file
  bool local = false;  // this machine, whatever PIPELINE_SERVER says
};

struct RunOptions {
  TreeChoice tree;
  std::vector<std::string> stages;
  SecretOptions secrets;
  bool no_cache = false;
  bool keep = false;
  std::uint32_t jobs = 0;  // 0: as many as there are processors
  SandboxWish sandbox = SandboxWish::full;
  bool no_wait = false;  // leave a run that waits for people only
  bool detach = false;   // it goes on without the terminal
  Format format = Format::text;
  ServerChoice server{};  // with a url: of a repository that it knows
  bool remote = false;    // the working tree, on a server
  std::string cause{};    // who or what starts it; empty: the user of this machine
};
struct CheckOptions {
  std::vector<std::filesystem::path> files;  // empty: all of this repository
  Format format = Format::text;
};
struct SchemaOptions {
  bool of_server = false;  // of server.toml instead of pipeline files
};
enum class EventName { push, tag, pull_request, schedule, pipeline, manual };
// Of which `pipeline plan` tells whether it would start a run, and for which a server starts one.
struct EventWish {
  EventName event = EventName::manual;
  // That is pushed, that a pull request goes to, or that another pipeline ran on.
  std::optional<std::string> branch{};
  std::optional<std::string> tag{};
  std::optional<std::string> schedule{};
  std::vector<std::string> changed{};    // paths; empty: not known
  std::optional<std::string> from{};     // the run's own branch, where `branch` is another's
  bool untrusted = false;                // plan::Facts::untrusted
  std::optional<base::TimePoint> due{};  // of a firing that happens, not one that is asked about
  // The pipeline that succeeded, its repository (empty: the same) and, where it really did, its
  // run.
  std::string upstream{};
  std::string upstream_repository{};
  std::optional<run::RunId> after{};
};
struct PlanOptions {
  TreeChoice tree;
  std::optional<EventWish> event;  // none: a run by hand, of the tree as it stands
  std::vector<std::string> stages;
  bool explain = false;  // where each value of the file comes from
  SecretOptions secrets;
  Format format = Format::text;
  ServerChoice server{};  // with a url: with what it defines for the repository that tree names
};
struct GraphOptions {
  std::optional<std::string> pipeline;
  bool dot = false;
  Format format = Format::text;
};
struct CompletionOptions {
  Shell shell = Shell::bash;
};
struct ManOptions {};
// What the scripts of CompletionOptions ask.
struct CompleteOptions {
  std::vector<std::string> before;  // the words between `pipeline` and the one to complete
};
struct InitOptions {
  std::optional<std::string> pipeline_template;  // none: what fits the repository
  bool list = false;
  bool hook = false;  // git's, instead of a pipeline
};
struct RunsOptions {
  bool all = false;  // also of other repositories
  std::optional<std::string> pipeline{};
  std::optional<std::string> branch{};
  std::optional<run::RunStatus> status{};
  std::size_t limit = 20;
  Format format = Format::text;
  ServerChoice server{};
};
struct ShowOptions {
  RunName run;
  Format format = Format::text;
  ServerChoice server{};
};
struct LogsOptions {
  RunName run;
  std::optional<std::string> job;
  std::optional<std::string> service;    // its log instead of the job's
  std::optional<std::uint32_t> attempt;  // none: the last
  std::optional<std::uint64_t> tail;     // lines
  bool follow = false;
  bool timestamps = false;
  std::optional<std::string> grep;  // a regular expression: only lines that match
  bool ignore_case = false;
  std::size_t context = 0;  // lines around each that matches
  ServerChoice server{};
};
struct TestsOptions {
  RunName run;
  render::TestsWanted wanted = render::TestsWanted::all;
  std::optional<std::string> history;  // of the tests that this names, instead of one run
  Format format = Format::text;
  ServerChoice server{};
};
struct AttachOptions {
  RunName run;
  // For a run that lost its driver:
  SecretOptions secrets;
  std::uint32_t jobs = 0;
  SandboxWish sandbox = SandboxWish::full;
  Format format = Format::text;
  ServerChoice server{};
};
struct CancelOptions {
  RunName run;
  ServerChoice server{};
};
struct DecideOptions {
  bool approve = false;  // or reject
  RunName run;
  std::string stage;
  std::string comment;
  ServerChoice server{};
};
struct RetryOptions {
  RunName run;
  std::vector<std::string> stages;  // empty: what failed
  SecretOptions secrets;
  std::uint32_t jobs = 0;
  SandboxWish sandbox = SandboxWish::full;
  bool no_wait = false;
  bool detach = false;
  Format format = Format::text;
  ServerChoice server{};
};
struct ArtifactsListOptions {
  RunName run;
  Format format = Format::text;
  ServerChoice server{};
};
struct ArtifactsGetOptions {
  RunName run;
  std::string name;
  std::optional<std::filesystem::path> directory;  // none: the artifact's name, here
  ServerChoice server{};
};
struct DeployOptions {
  TreeChoice tree;
  std::string environment;
  std::string artifact;  // NAME@DIGEST
  bool force = false;
  ServerChoice server{};  // with a url: of a repository that it knows
  std::string by{};       // who asks for it; empty: the user of this machine
};
struct ResumeOptions {
  std::string environment;
  ServerChoice server{};
};
struct RollbackOptions {
  std::string environment;
  std::optional<std::uint64_t> release;
  ServerChoice server{};
};
struct StopOptions {
  std::string environment;
  ServerChoice server{};
};
struct StatusOptions {
  std::optional<std::string> environment;
  Format format = Format::text;
  ServerChoice server{};
};
// Whose secret: of the repository here unless it says otherwise.
struct SecretScope {
  std::optional<std::string> repository;  // --repository: path or URL
  bool global = false;
};
struct SecretSetOptions {
  std::string name;
  SecretScope scope;
};
struct SecretListOptions {
  SecretScope scope;
  Format format = Format::text;
};
struct SecretRemoveOptions {
  std::string name;
  SecretScope scope;
};
struct ToggleListOptions {
  std::optional<std::string> environment{};  // none: all
  Format format = Format::text;
  ServerChoice server{};
};
struct ToggleShowOptions {
  std::string key;
  std::optional<std::string> environment{};  // none: all
  Format format = Format::text;
  ServerChoice server{};
};
struct ToggleSetOptions {
  std::string key;
  std::optional<std::string> value;  // none: the file's again
  std::string environment;
  ServerChoice server{};
};
// Environments that a server defines for a repository.
struct EnvironmentSetOptions {
  ServerChoice server;
  std::string repository;
  std::string name;
  std::string file;  // "-": standard input
};
struct EnvironmentListOptions {
  ServerChoice server;
  std::string repository;
  Format format = Format::text;
};
struct EnvironmentShowOptions {
  ServerChoice server;
  std::string repository;
  std::string name;
  Format format = Format::text;
};
struct EnvironmentRemoveOptions {
  ServerChoice server;
  std::string repository;
  std::string name;
};
struct DoctorOptions {
  Format format = Format::text;
  ServerChoice server{};                        // with a url: of that server
  std::optional<std::filesystem::path> data{};  // of the server whose state directory that is
};
struct ServeOptions {
  std::optional<std::filesystem::path> data;      // none: the default state directory
  std::optional<std::filesystem::path> config{};  // none: server.toml in the state directory
  std::optional<std::string> listen{};
  // PEM files; both or none.
  std::optional<std::filesystem::path> tls_certificate{};
  std::optional<std::filesystem::path> tls_key{};
  std::optional<std::string> public_url{};
  settings::MailSettings mail{};    // without a server: nothing is said
  settings::LoginSettings login{};  // without an issuer: nothing is said
  bool check = false;               // only whether it could start
  Format format = Format::text;     // of what the check finds
};
struct AgentOptions {
  ServerChoice server;
  std::optional<std::filesystem::path> data;
  std::optional<std::string> name;  // none: the machine's
  std::vector<std::string> labels;
  std::uint32_t slots = 0;  // 0: as many as there are processors
  bool once = false;
  std::uint64_t keep_bytes = std::uint64_t{20} << 30U;  // as AgentSettings has them
};
struct RepoAddOptions {
  ServerChoice server;
  std::string name;
  std::optional<std::string> url;
  std::optional<std::string> forge{};  // a word of runner/forge/forge.h
  std::optional<std::string> poll{};   // a duration, or "never"; none: as the server has it
  std::optional<std::string> fork_pull_requests{};  // "approve-first", "run" or "ignore"
};
struct RepoSetOptions {
  ServerChoice server;
  std::string name;
  std::optional<std::filesystem::path> api_token_file{};  // "-": standard input
  std::optional<std::string> api_url{};                   // "derived": as it follows from the URL
  std::optional<std::string> public_status{};             // "yes" or "no"
};
struct RepoListOptions {
  ServerChoice server;
  Format format = Format::text;
};
struct RepoProtectOptions {
  ServerChoice server;
  std::string name;
  std::string branches;  // a pattern
  bool wait_for_pipeline = false;
  bool allow_force = false;
  std::string role = "runner";  // that pushing takes
};
struct RepoUnprotectOptions {
  ServerChoice server;
  std::string name;
  std::string branches;
};
struct RepoRemoveOptions {
  ServerChoice server;
  std::string name;
};
struct TokenAddOptions {
  ServerChoice server;
  std::string name;
  std::vector<std::string> scopes;
  std::optional<std::string> user{};  // whose; none: a service's own
  std::vector<std::string> labels{};  // that its agents may have; none: any
};
struct TokenListOptions {
  ServerChoice server;
  Format format = Format::text;
};
struct TokenRemoveOptions {
  ServerChoice server;
  std::string name;
};
struct AgentsOptions {
  ServerChoice server;
  Format format = Format::text;
};

struct SchedulesOptions {
  ServerChoice server;
  Format format = Format::text;
};

struct AuditOptions {
  ServerChoice server;
  std::uint32_t tail = 50;
  Format format = Format::text;  // json: all of it
};

struct NoticesOptions {
  ServerChoice server;
  std::optional<std::string> state{};  // waiting, sent or failed; none: all
  std::uint32_t limit = 50;
  Format format = Format::text;
};

struct UserAddOptions {
  ServerChoice server;
  std::string name;
  std::optional<std::string> subject{};  // of the identity provider
};
struct UserListOptions {
  ServerChoice server;
  Format format = Format::text;
};
struct UserRemoveOptions {
  ServerChoice server;
  std::string name;
};
struct GroupAddOptions {
  ServerChoice server;
  std::string name;
};
struct GroupListOptions {
  ServerChoice server;
  Format format = Format::text;
};
struct GroupRemoveOptions {
  ServerChoice server;
  std::string name;
};
struct GroupMemberOptions {
  enum class Change { add, remove };
  ServerChoice server;
  Change change = Change::add;
  std::string group;
  std::string user;
};
struct RoleGrantOptions {
  ServerChoice server;
  std::string subject;  // "ann", "group:release"
  std::string role;     // a word of pipelines/access/role.h
  std::string repository;
  std::string environment{};  // empty: all of the repository
};
struct RoleRevokeOptions {
  ServerChoice server;
  std::string subject;
  std::string repository;
  std::string environment{};
};
struct RoleListOptions {
  ServerChoice server;
  Format format = Format::text;
};
struct WhoamiOptions {
  ServerChoice server;
  Format format = Format::text;
};

struct LoginOptions {
  ServerChoice server;      // its token file: take that token
  bool with_token = false;  // read one, though there is an identity provider
};
struct LogoutOptions {
  ServerChoice server;
};
// Pull requests from forks that wait for somebody's word.
struct PullsListOptions {
  ServerChoice server;
  Format format = Format::text;
};
struct PullsDecideOptions {
  ServerChoice server;
  bool approve = false;  // or turn away
  std::string repository;
  std::uint64_t number = 0;
};

struct BackupOptions {
  std::filesystem::path file;
  std::optional<std::filesystem::path> data{};  // none: the default state directory
};
struct GcOptions {
  std::optional<std::filesystem::path> data{};
  std::size_t keep_runs = 200;
  std::uint32_t keep_days = 30;
  std::optional<std::uint64_t> keep_bytes{};
  bool dry_run = false;
  Format format = Format::text;
};
struct RestoreOptions {
  std::filesystem::path file;
  std::optional<std::filesystem::path> data{};
  bool check = false;  // only look whether it could be restored
};

using Command = std::variant<
    RunOptions, CheckOptions, SchemaOptions, PlanOptions, GraphOptions, InitOptions, RunsOptions,
    ShowOptions, LogsOptions, TestsOptions, AttachOptions, CancelOptions, DecideOptions,
    RetryOptions, ArtifactsListOptions, ArtifactsGetOptions, DeployOptions, ResumeOptions,
    RollbackOptions, StopOptions, StatusOptions, SecretSetOptions, SecretListOptions,
    SecretRemoveOptions, ToggleListOptions, ToggleShowOptions, ToggleSetOptions,
    EnvironmentSetOptions, EnvironmentListOptions, EnvironmentShowOptions, EnvironmentRemoveOptions,
    DoctorOptions, ServeOptions, AgentOptions, RepoAddOptions, RepoSetOptions, RepoListOptions,
    RepoRemoveOptions, RepoProtectOptions, RepoUnprotectOptions, TokenAddOptions, TokenListOptions,
    TokenRemoveOptions, AgentsOptions, SchedulesOptions, AuditOptions, UserAddOptions,
    UserListOptions, UserRemoveOptions, GroupAddOptions, GroupListOptions, GroupRemoveOptions,
    GroupMemberOptions, RoleGrantOptions, RoleRevokeOptions, RoleListOptions, WhoamiOptions,
    LoginOptions, LogoutOptions, PullsListOptions, PullsDecideOptions, NoticesOptions,
    BackupOptions, RestoreOptions, GcOptions, CompletionOptions, ManOptions, CompleteOptions>;

struct Invocation {
  Command command;
  ColorWish color = ColorWish::when_possible;
};

}  // namespace pipeline::cli
