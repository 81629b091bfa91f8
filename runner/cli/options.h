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
};
struct CheckOptions {
  std::vector<std::filesystem::path> files;  // empty: all of this repository
  Format format = Format::text;
};
struct SchemaOptions {};
enum class EventName { push, tag, pull_request, schedule, manual };
// Of which `pipeline plan` tells whether it would start a run.
struct EventWish {
  EventName event = EventName::manual;
  std::optional<std::string> branch{};  // that is pushed, or that a pull request goes to
  std::optional<std::string> tag{};
  std::optional<std::string> schedule{};
  std::vector<std::string> changed{};  // paths; empty: not known
};
struct PlanOptions {
  TreeChoice tree;
  std::optional<EventWish> event;  // none: a run by hand, of the tree as it stands
  std::vector<std::string> stages;
  bool explain = false;  // where each value of the file comes from
  SecretOptions secrets;
  Format format = Format::text;
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
  std::size_t limit = 20;
  Format format = Format::text;
  ServerChoice server{};  // with a url: of a server, not of this machine
};
struct ShowOptions {
  RunName run;
  Format format = Format::text;
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
  ServerChoice server{};    // with a url: of a server, not of this machine
};
struct TestsOptions {
  RunName run;
  render::TestsWanted wanted = render::TestsWanted::all;
  std::optional<std::string> history;  // of the tests that this names, instead of one run
  Format format = Format::text;
};
struct AttachOptions {
  RunName run;
  // For a run that lost its driver:
  SecretOptions secrets;
  std::uint32_t jobs = 0;
  SandboxWish sandbox = SandboxWish::full;
  Format format = Format::text;
};
struct CancelOptions {
  RunName run;
  ServerChoice server{};  // with a url: of a server, not of this machine
};
struct DecideOptions {
  bool approve = false;  // or reject
  RunName run;
  std::string stage;
  std::string comment;
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
};
struct ArtifactsListOptions {
  RunName run;
  Format format = Format::text;
};
struct ArtifactsGetOptions {
  RunName run;
  std::string name;
  std::optional<std::filesystem::path> directory;  // none: the artifact's name, here
};
struct DeployOptions {
  TreeChoice tree;
  std::string environment;
  std::string artifact;  // NAME@DIGEST
  bool force = false;
};
struct ResumeOptions {
  std::string environment;
};
struct RollbackOptions {
  std::string environment;
  std::optional<std::uint64_t> release;
};
struct StopOptions {
  std::string environment;
};
struct StatusOptions {
  std::optional<std::string> environment;
  Format format = Format::text;
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
struct DoctorOptions {
  Format format = Format::text;
};
struct ServeOptions {
  std::optional<std::filesystem::path> data;  // none: the default state directory
  std::string listen = "127.0.0.1:8440";
};
struct AgentOptions {
  ServerChoice server;
  std::optional<std::filesystem::path> data;
  std::optional<std::string> name;  // none: the machine's
  std::vector<std::string> labels;
  std::uint32_t slots = 0;  // 0: as many as there are processors
  bool once = false;
};
struct RepoAddOptions {
  ServerChoice server;
  std::string name;
  std::optional<std::string> url;
};
struct RepoListOptions {
  ServerChoice server;
  Format format = Format::text;
};
struct RepoRemoveOptions {
  ServerChoice server;
  std::string name;
};
struct TokenAddOptions {
  ServerChoice server;
  std::string name;
  std::vector<std::string> scopes;
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

using Command =
    std::variant<RunOptions, CheckOptions, SchemaOptions, PlanOptions, GraphOptions, InitOptions,
                 RunsOptions, ShowOptions, LogsOptions, TestsOptions, AttachOptions, CancelOptions,
                 DecideOptions, RetryOptions, ArtifactsListOptions, ArtifactsGetOptions,
                 DeployOptions, ResumeOptions, RollbackOptions, StopOptions, StatusOptions,
                 SecretSetOptions, SecretListOptions, SecretRemoveOptions, DoctorOptions,
                 ServeOptions, AgentOptions, RepoAddOptions, RepoListOptions, RepoRemoveOptions,
                 TokenAddOptions, TokenListOptions, TokenRemoveOptions, AgentsOptions,
                 CompletionOptions, ManOptions, CompleteOptions>;

struct Invocation {
  Command command;
  ColorWish color = ColorWish::when_possible;
};

}  // namespace pipeline::cli
