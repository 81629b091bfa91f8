#include "runner/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <array>

#include "pipelines/base/text.h"
#include "runner/cli/command_form.h"
#include "runner/cli/environment_grammar.h"
#include "runner/cli/exit_code.h"
#include "runner/cli/grammar.h"
#include "runner/cli/help.h"
#include "runner/cli/keeping_grammar.h"
#include "runner/cli/option_groups.h"
#include "runner/cli/people_grammar.h"
#include "runner/cli/secret_grammar.h"
#include "runner/cli/server_grammar.h"
#include "runner/cli/stored_runs_grammar.h"
#include "runner/cli/toggle_grammar.h"
#include "runner/cli/usage_mistake.h"

namespace pipeline::cli {

namespace {

constexpr const char* kEnvironmentOfServer = "an environment of that server";

// One command's line as CLI11 sees it. Only the command that was named is declared: building all of
// them would cost every start of the program a millisecond. Fields bound to CLI11 live here, as
// long as it parses.
class Grammar {
 public:
  explicit Grammar(const std::string& command) {
    app_.require_subcommand(1);
    app_.set_help_flag();
    for (const Entry& entry : kEntries) {
      if (command != entry.name) continue;
      sub_ = add(entry);
      (this->*entry.declare)(sub_);
    }
  }

  // A word too many that CLI11 had a place for.
  const std::string& surplus() const { return surplus_; }
  // Null when there is no such command.
  const CLI::App* command() const { return sub_; }

  Invocation parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app_.parse(std::move(arguments));
    return {*chosen_, no_color_ ? ColorWish::never : ColorWish::when_possible};
  }

  static std::vector<std::string> names() {
    std::vector<std::string> names;
    names.reserve(kEntries.size());
    for (const Entry& entry : kEntries) names.emplace_back(entry.name);
    return names;
  }

 private:
  struct Entry {
    const char* name;
    const char* description;
    void (Grammar::*declare)(CLI::App*);
  };
  static const std::array<Entry, 44> kEntries;

  CLI::App* add(const Entry& entry) {
    CLI::App* sub = app_.add_subcommand(entry.name, entry.description);
    sub->set_help_flag("-h,--help", "this text");
    sub->add_flag("--no-color", no_color_, "no colour, whatever the output is");
    return sub;
  }

  void add_pipeline(CLI::App* sub, std::optional<std::string>& pipeline) {
    sub->add_option("NAME", pipeline,
                    "pipelines/NAME.toml, or a file ending in .toml; default: pipeline.toml, else "
                    "the only one in pipelines/, else pipelines/ci.toml");
  }

  void add_tree(CLI::App* sub, TreeChoice& tree) {
    sub->add_option("--repo", tree.repository,
                    "path or URL of another repository; default: the working tree here")
        ->type_name("URL");
    sub->add_option("--ref", tree.ref, "branch, tag or commit instead of the working tree")
        ->type_name("REF");
    sub->add_option("--param", params_, "value of a parameter that the pipeline declares")
        ->allow_extra_args(false)
        ->type_name("K=V");
  }

  void add_stages(CLI::App* sub, std::vector<std::string>& stages, const std::string& what) {
    sub->add_option("--stage", stages, what)->allow_extra_args(false)->type_name("STAGE");
  }

  template <class Options>
  void add_driving(CLI::App* sub, Options& options) {
    sub->add_option("--jobs,-j", options.jobs, "jobs at a time; default: one for each processor")
        ->check(CLI::Range(1, 1024))
        ->type_name("N");
    add_secret_sources(*sub, options.secrets);
    sub->add_option_function<std::string>(
           "--sandbox",
           [&options](const std::string& mode) {
             options.sandbox = mode == "none" ? SandboxWish::none : SandboxWish::full;
           },
           "`none` runs commands without isolation, as you")
        ->check(CLI::IsMember({"full", "none"}))
        ->type_name("full|none");
  }
  template <class Options>
  void add_running(CLI::App* sub, Options& options) {
    add_driving(sub, options);
    CLI::Option* no_wait =
        sub->add_flag("--no-wait", options.no_wait,
                      "when only approvals are left to wait for, leave with exit code 4");
    sub->add_flag("--detach,-d", options.detach,
                  "leave at once; the run goes on without this terminal, and survives the death of "
                  "what drives it")
        ->excludes(no_wait);
    add_format(*sub, options.format, "one event a line, as JSON");
  }

  // Takes over what could only be bound as text.
  void finish(TreeChoice& tree) const {
    for (const std::string& param : params_) {
      const auto equals = param.find('=');
      if (equals == std::string::npos || equals == 0) {
        throw CLI::ValidationError("--param", "'" + param + "' is not of the form NAME=VALUE");
      }
      tree.params[param.substr(0, equals)] = param.substr(equals + 1);
    }
  }

  void declare_run(CLI::App* sub) {
    add_pipeline(sub, run_.tree.pipeline);
    add_tree(sub, run_.tree);
    add_stages(sub, run_.stages, "only this stage and what it needs; may be repeated");
    sub->add_flag("--no-cache", run_.no_cache, "run every stage, also those whose result is known");
    sub->add_flag("--keep", run_.keep, "leave the workspaces of jobs for inspection");
    add_running(sub, run_);
    add_server(*sub, run_.server, "run it there, of the repository --repo that it knows by name");
    sub->add_flag(
        "--remote", run_.remote,
        "run the tree as it stands here on a server's agents; --repo says of which of its "
        "repositories it is. It gets no secrets and deploys nothing");
    sub->callback([this] {
      finish(run_.tree);
      chosen_ = run_;
    });
  }
  void declare_check(CLI::App* sub) {
    sub->add_option("FILE", check_.files, "pipeline files");
    add_format(*sub, check_.format, "what is wrong, as JSON");
    sub->callback([this] { chosen_ = check_; });
  }
  void declare_schema(CLI::App* sub) {
    sub->add_option("KIND", words_[0],
                    "pipeline: of pipeline files, the default; server: of server.toml")
        ->check(CLI::IsMember({"pipeline", "server"}));
    sub->callback([this] { chosen_ = SchemaOptions{.of_server = words_[0] == "server"}; });
  }
  void declare_plan(CLI::App* sub) {
    add_pipeline(sub, plan_.tree.pipeline);
    add_tree(sub, plan_.tree);
    add_stages(sub, plan_.stages, "only this stage and what it needs; may be repeated");
    sub->add_flag("--explain", plan_.explain,
                  "also where each value of a stage, and of an environment that it deploys to, was "
                  "written: file and line, or the server");
    add_event(*sub, plan_.event);
    add_secret_sources(*sub, plan_.secrets);
    add_server(*sub, plan_.server,
               "with the environments that it defines for its repository --repo, which is of the "
               "working tree then");
    add_format(*sub, plan_.format, "as JSON");
    sub->callback([this] {
      finish(plan_.tree);
      chosen_ = plan_;
    });
  }
  void declare_graph(CLI::App* sub) {
    add_pipeline(sub, graph_.pipeline);
    sub->add_flag("--dot", graph_.dot, "in the language of Graphviz");
    add_format(*sub, graph_.format, "as JSON");
    sub->callback([this] { chosen_ = graph_; });
  }
  void declare_init(CLI::App* sub) {
    CLI::Option* which = sub->add_option(
        "TEMPLATE", init_.pipeline_template,
        "which one; --list shows them; default: by the build files at the repository's root");
    CLI::Option* list = sub->add_flag("--list", init_.list, "the templates there are");
    sub->add_flag("--hook", init_.hook,
                  "installs a git hook instead, which runs the pipeline before every push")
        ->excludes(which)
        ->excludes(list);
    sub->callback([this] { chosen_ = init_; });
  }
  void declare_runs(CLI::App* sub) { stored_runs_.declare_runs(*sub); }
  void declare_show(CLI::App* sub) { stored_runs_.declare_show(*sub); }
  void declare_logs(CLI::App* sub) { stored_runs_.declare_logs(*sub); }
  void declare_tests(CLI::App* sub) { stored_runs_.declare_tests(*sub); }
  void declare_cancel(CLI::App* sub) { stored_runs_.declare_cancel(*sub); }
  void declare_approve(CLI::App* sub) { stored_runs_.declare_approve(*sub); }
  void declare_reject(CLI::App* sub) { stored_runs_.declare_reject(*sub); }
  void declare_artifacts(CLI::App* sub) { stored_runs_.declare_artifacts(*sub); }
  void declare_attach(CLI::App* sub) {
    add_run_name(*sub, attach_.run);
    add_driving(sub, attach_);
    add_format(*sub, attach_.format, "one event a line, as JSON");
    add_place(*sub, attach_.server, kOfServer);
    sub->callback([this] { chosen_ = attach_; });
  }
  void declare_retry(CLI::App* sub) {
    add_run_name(*sub, retry_.run);
    sub->add_flag_callback(
        "--failed", [] {}, "what did not succeed (the default)");
    add_stages(sub, retry_.stages, "this stage and all that needs it; may be repeated");
    add_running(sub, retry_);
    add_place(*sub, retry_.server, kOfServer);
    sub->callback([this] { chosen_ = retry_; });
  }
  void declare_deploy(CLI::App* sub) {
    CLI::Option* resume =
        sub->add_option("--resume", resume_.environment,
                        "finish what a killed deployment of this environment left: forward when "
                        "it was promoted, else back")
            ->type_name("ENV");
    sub->footer(
        "pipeline deploy ENV ARTIFACT@DIGEST [OPTIONS]\n"
        "       pipeline deploy --resume ENV");
    sub->add_option("ENV", deploy_.environment, "environment");
    sub->add_option("ARTIFACT@DIGEST", deploy_.artifact, "as `pipeline artifacts` prints it");
    sub->add_option("--pipeline", deploy_.tree.pipeline, "which pipeline declares ENV")
        ->type_name("NAME");
    add_tree(sub, deploy_.tree);
    sub->add_flag("--force", deploy_.force,
                  "even if rolled back here before, or another repository's");
    add_server(*sub, deploy_.server,
               "to an environment there, of the repository --repo that it knows by name");
    sub->callback([this, resume] {
      finish(deploy_.tree);
      deploy_.server.local = !deploy_.server.url;  // as `run`: only where it is said
      if (resume->count() > 0) {
        resume_.server = deploy_.server;
        chosen_ = resume_;
        return;
      }
      if (deploy_.environment.empty()) throw CLI::RequiredError("ENV");
      if (deploy_.artifact.empty()) throw CLI::RequiredError("ARTIFACT@DIGEST");
      chosen_ = deploy_;
    });
  }
  void declare_rollback(CLI::App* sub) {
    sub->add_option("ENV", rollback_.environment, "environment, or PIPELINE/ENV")->required();
    sub->add_option_function<std::string>(
           "--to",
           [this](const std::string& text) {
             rollback_.release = positive_number_of(text, "--to");
           },
           "release number; default: the one before the current")
        ->type_name("RELEASE");
    add_place(*sub, rollback_.server, kEnvironmentOfServer);
    sub->callback([this] { chosen_ = rollback_; });
  }
  void declare_stop(CLI::App* sub) {
    sub->add_option("ENV", stop_.environment, "environment, or PIPELINE/ENV")->required();
    add_place(*sub, stop_.server, kEnvironmentOfServer);
    sub->callback([this] { chosen_ = stop_; });
  }
  void declare_status(CLI::App* sub) {
    sub->add_option("ENV", status_.environment, "environment, or PIPELINE/ENV; default: all");
    add_format(*sub, status_.format, "one environment a line, as JSON");
    add_place(*sub, status_.server, "the environments of that server");
    sub->callback([this] { chosen_ = status_; });
  }
  void declare_secret(CLI::App* sub) { secrets_.declare(*sub); }
  void declare_toggle(CLI::App* sub) { toggles_.declare(*sub); }
  void declare_environment(CLI::App* sub) { environments_.declare(*sub); }
  void declare_serve(CLI::App* sub) { servers_.declare_serve(*sub); }
  void declare_agent(CLI::App* sub) { servers_.declare_agent(*sub); }
  void declare_agents(CLI::App* sub) { servers_.declare_agents(*sub); }
  void declare_schedules(CLI::App* sub) { servers_.declare_schedules(*sub); }
  void declare_audit(CLI::App* sub) { servers_.declare_audit(*sub); }
  void declare_notices(CLI::App* sub) { servers_.declare_notices(*sub); }
  void declare_repo(CLI::App* sub) { servers_.declare_repo(*sub); }
  void declare_token(CLI::App* sub) { servers_.declare_token(*sub); }
  void declare_user(CLI::App* sub) { people_.declare_user(*sub); }
  void declare_group(CLI::App* sub) { people_.declare_group(*sub); }
  void declare_role(CLI::App* sub) { people_.declare_role(*sub); }
  void declare_whoami(CLI::App* sub) { people_.declare_whoami(*sub); }
  void declare_login(CLI::App* sub) { people_.declare_login(*sub); }
  void declare_logout(CLI::App* sub) { people_.declare_logout(*sub); }
  void declare_pulls(CLI::App* sub) { people_.declare_pulls(*sub); }
  void declare_backup(CLI::App* sub) { keeping_.declare_backup(*sub); }
  void declare_restore(CLI::App* sub) { keeping_.declare_restore(*sub); }
  void declare_gc(CLI::App* sub) { keeping_.declare_gc(*sub); }
  void declare_doctor(CLI::App* sub) {
    add_format(*sub, doctor_.format, "as JSON");
    CLI::Option* const data =
        sub->add_option("--data", doctor_.data, "look at the server whose state directory this is")
            ->type_name("DIR");
    add_server(*sub, doctor_.server, "look at that server, from here");
    data->excludes(sub->get_option("--server"));
    sub->callback([this] { chosen_ = doctor_; });
  }

  void declare_completion(CLI::App* sub) {
    sub->add_option("SHELL", words_[0], base::join(shell_names(), ", "))
        ->required()
        ->check(CLI::IsMember(shell_names()));
    sub->callback([this] { chosen_ = CompletionOptions{*shell_called(words_[0])}; });
  }
  void declare_man(CLI::App* sub) {
    sub->callback([this] { chosen_ = ManOptions{}; });
  }

  CLI::App app_{"", "pipeline"};
  CLI::App* sub_ = nullptr;
  std::optional<Command> chosen_;
  bool no_color_ = false;
  std::vector<std::string> params_;
  std::array<std::string, 3> words_;
  std::string surplus_;
  RunOptions run_;
  CheckOptions check_;
  PlanOptions plan_;
  GraphOptions graph_;
  InitOptions init_;
  AttachOptions attach_;
  RetryOptions retry_;
  DeployOptions deploy_;
  ResumeOptions resume_;
  RollbackOptions rollback_;
  StopOptions stop_;
  StatusOptions status_;
  DoctorOptions doctor_;
  StoredRunsGrammar stored_runs_{[this](Command command) { chosen_ = std::move(command); },
                                 surplus_};
  ServerGrammar servers_{[this](Command command) { chosen_ = std::move(command); }, surplus_};
  PeopleGrammar people_{[this](Command command) { chosen_ = std::move(command); }, surplus_};
  SecretGrammar secrets_{[this](Command command) { chosen_ = std::move(command); }, surplus_};
  ToggleGrammar toggles_{[this](Command command) { chosen_ = std::move(command); }, surplus_};
  EnvironmentGrammar environments_{[this](Command command) { chosen_ = std::move(command); },
                                   surplus_};
  KeepingGrammar keeping_{[this](Command command) { chosen_ = std::move(command); }};
};

const std::array<Grammar::Entry, 44> Grammar::kEntries = {
    Grammar::Entry{"run",
                   "Runs a pipeline on the working tree as it stands: uncommitted and untracked "
                   "files in, ignored ones out.",
                   &Grammar::declare_run},
    Grammar::Entry{"check", "Validates pipeline files; without FILE, all of this repository.",
                   &Grammar::declare_check},
    Grammar::Entry{"schema", "Prints the JSON Schema of pipeline files, or of server.toml.",
                   &Grammar::declare_schema},
    Grammar::Entry{"plan",
                   "Tells what a run would do: jobs, why each would run or be skipped, what it "
                   "asks of its sandbox, how it deploys.",
                   &Grammar::declare_plan},
    Grammar::Entry{"graph", "Shows the stages and what they need.", &Grammar::declare_graph},
    Grammar::Entry{"init", "Writes a commented starter pipeline to pipeline.toml.",
                   &Grammar::declare_init},
    Grammar::Entry{"runs", "Lists the latest runs of this repository, newest first.",
                   &Grammar::declare_runs},
    Grammar::Entry{"show", "Shows one run: its stages, artifacts and failures.",
                   &Grammar::declare_show},
    Grammar::Entry{"logs", "Prints what the jobs of a run printed.", &Grammar::declare_logs},
    Grammar::Entry{"tests",
                   "Tells what the tests of a run came to: failures first, then the slowest.",
                   &Grammar::declare_tests},
    Grammar::Entry{"attach",
                   "Follows a run that began with --detach to its end, and drives it on when what "
                   "drove it died. Ctrl-C leaves it going.",
                   &Grammar::declare_attach},
    Grammar::Entry{"cancel", "Stops a run that is under way, from another terminal.",
                   &Grammar::declare_cancel},
    Grammar::Entry{"approve", "Lets a run that waits for approval go on.",
                   &Grammar::declare_approve},
    Grammar::Entry{"reject", "Ends a run that waits for approval: the stage fails.",
                   &Grammar::declare_reject},
    Grammar::Entry{"retry",
                   "Runs again what failed, was cancelled or was interrupted, and reuses the rest.",
                   &Grammar::declare_retry},
    Grammar::Entry{"artifacts", "Lists what a run made, or unpacks it.",
                   &Grammar::declare_artifacts},
    Grammar::Entry{"deploy", "Brings an artifact to an environment of the pipeline here.",
                   &Grammar::declare_deploy},
    Grammar::Entry{"rollback", "Puts the previous release of an environment back.",
                   &Grammar::declare_rollback},
    Grammar::Entry{"stop",
                   "Ends all instances of an environment and its switch. Its releases are kept: "
                   "`pipeline rollback ENV --to RELEASE` starts one again.",
                   &Grammar::declare_stop},
    Grammar::Entry{"status", "Tells what serves where.", &Grammar::declare_status},
    Grammar::Entry{"secret",
                   "Keeps secrets for stages that name them, encrypted. `set` reads the value from "
                   "standard input, without its last line end if it has one; on a terminal it asks "
                   "and shows nothing.",
                   &Grammar::declare_secret},
    Grammar::Entry{"toggle",
                   "Shows the feature toggles of environments, and sets them over what the release "
                   "says: `set KEY off` is the kill switch. Applications hear of it at once.",
                   &Grammar::declare_toggle},
    Grammar::Entry{"environment",
                   "Keeps environments of a repository on a server, where no branch can change "
                   "them: runs there deploy by these, whatever [environment.ENV] of a pipeline "
                   "says, or does not. Names that the server does not define stay the pipeline's.",
                   &Grammar::declare_environment},
    Grammar::Entry{"serve",
                   "Serves a team: keeps repositories, gives jobs to agents, keeps what comes of "
                   "them. SIGTERM stops it; what is under way goes on with the next start.",
                   &Grammar::declare_serve},
    Grammar::Entry{"agent",
                   "Makes this machine run jobs of a server. SIGTERM stops it; its jobs go on, and "
                   "the next start takes them up.",
                   &Grammar::declare_agent},
    Grammar::Entry{"agents", "Lists the agents of a server.", &Grammar::declare_agents},
    Grammar::Entry{"schedules", "Tells when a server's schedules start runs.",
                   &Grammar::declare_schedules},
    Grammar::Entry{"repo", "Says which repositories a server knows.", &Grammar::declare_repo},
    Grammar::Entry{"token", "Says who may call a server. `add` prints the new token, this once.",
                   &Grammar::declare_token},
    Grammar::Entry{"user", "Says which people a server knows.", &Grammar::declare_user},
    Grammar::Entry{"group", "Puts people of a server into groups.", &Grammar::declare_group},
    Grammar::Entry{"role",
                   "Says what people and groups may do on a server, in which repository or "
                   "environment. Whoever has no role there does not see it.",
                   &Grammar::declare_role},
    Grammar::Entry{"pulls",
                   "Lists pull requests from forks that wait on a server until somebody who may "
                   "approve has looked at them, and says yes or no to one as it stands. Its jobs "
                   "get no secrets and deploy nothing, also then.",
                   &Grammar::declare_pulls},
    Grammar::Entry{"login",
                   "Logs in to a server, with a browser where it has an identity provider, and "
                   "keeps the token for later commands. Else it takes a token from a file, from "
                   "standard input, or from the terminal, which does not show it.",
                   &Grammar::declare_login},
    Grammar::Entry{"logout", "Ends the session on a server and forgets its token.",
                   &Grammar::declare_logout},
    Grammar::Entry{"whoami", "Tells who you are to a server, and what that allows.",
                   &Grammar::declare_whoami},
    Grammar::Entry{"audit", "Shows what was changed on a server, when and by whom.",
                   &Grammar::declare_audit},
    Grammar::Entry{"notices",
                   "Shows what a server told the world of its runs, is to tell, or could not tell.",
                   &Grammar::declare_notices},
    Grammar::Entry{"backup",
                   "Writes all that a server, or this machine, keeps and could not make again to "
                   "one file: runs, logs, artifacts, secrets with their key, hosted repositories, "
                   "environments. What goes on meanwhile is not disturbed.",
                   &Grammar::declare_backup},
    Grammar::Entry{"restore",
                   "Makes a state directory of a backup, when all of it is as it was packed.",
                   &Grammar::declare_restore},
    Grammar::Entry{
        "gc",
        "Removes old runs with their logs, and artifacts and outputs that nothing refers "
        "to. Never what is under way, nor what an environment could be put back to; what "
        "tests came to stays.",
        &Grammar::declare_gc},
    Grammar::Entry{
        "doctor",
        "Tells what this machine offers for isolating jobs, and how to get the rest; or how a "
        "server is, each with the next step.",
        &Grammar::declare_doctor},
    Grammar::Entry{"completion",
                   "Prints a script that completes commands, options and names in a shell. How to "
                   "use it stands at its top.",
                   &Grammar::declare_completion},
    Grammar::Entry{"man", "Prints the manual page; `pipeline man | man -l -` shows it.",
                   &Grammar::declare_man}};

std::variant<Invocation, Answer> parse_named(std::vector<std::string> arguments) {
  const std::string command = arguments.front();
  Grammar grammar(command);
  const CLI::App* sub = grammar.command();
  if (sub == nullptr) {
    return complaint("unknown command \"" + command + "\"",
                     near_miss(command, command_names(), "pipeline --help lists them"));
  }
  try {
    return grammar.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return Answer{help_of(form_of(*sub)), 0};
  } catch (const CLI::ExtrasError&) {
    const std::vector<std::string> extras = sub->remaining();
    return unknown_argument(*sub, extras.empty() ? grammar.surplus() : extras.front());
  } catch (const CLI::ParseError& error) {
    return complaint(cause_of(error), help_command(command));
  }
}

}  // namespace

std::vector<std::string> command_names() {
  return Grammar::names();
}

std::optional<CommandForm> grammar_of(const std::string& command) {
  const Grammar grammar(command);
  if (grammar.command() == nullptr) return std::nullopt;
  return form_of(*grammar.command());
}

std::vector<CommandForm> grammar() {
  std::vector<CommandForm> forms;
  for (const std::string& name : command_names()) forms.push_back(*grammar_of(name));
  return forms;
}

std::variant<Invocation, Answer> parse_command_line(std::vector<std::string> arguments) {
  const bool no_color = !arguments.empty() && arguments.front() == "--no-color";
  if (no_color) arguments.erase(arguments.begin());
  if (arguments.empty()) return Answer{overview(), ExitCode::wrong};
  const std::string& first = arguments.front();
  if (first == "--version") return Answer{version_text(), 0};
  if (first == "--help" || first == "-h") return Answer{overview(), 0};
  if (first == "__complete") {
    return Invocation{CompleteOptions{{arguments.begin() + 1, arguments.end()}}, {}};
  }
  if (first == "help") {
    if (arguments.size() == 1) return Answer{overview(), 0};
    arguments = {arguments[1], "--help"};
  } else if (first.starts_with('-')) {
    return complaint("unknown option \"" + first + "\"", "pipeline --help lists the commands");
  }
  auto parsed = parse_named(std::move(arguments));
  if (auto* invocation = std::get_if<Invocation>(&parsed); invocation != nullptr && no_color) {
    invocation->color = ColorWish::never;
  }
  return parsed;
}

}  // namespace pipeline::cli
