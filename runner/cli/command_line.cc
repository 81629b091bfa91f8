#include "runner/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>

#include "pipelines/base/text.h"
#include "runner/cli/command_form.h"
#include "runner/cli/exit_code.h"
#include "runner/cli/grammar.h"
#include "runner/cli/help.h"
#include "runner/cli/option_groups.h"
#include "runner/cli/server_grammar.h"
#include "runner/cli/usage_mistake.h"

namespace pipeline::cli {

namespace {

constexpr int kMany = 1'000'000'000;
constexpr int kMostContext = 1000;
constexpr const char* kRunMeaning =
    "number of the run, or `last`: the newest of the repository here, outside of one of all";
constexpr const char* kHidden = "";  // group of options that help does not show

std::uint64_t number_of(const std::string& text, const std::string& what) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) {
    throw CLI::ValidationError(what, "'" + text + "' is not a positive number");
  }
  return value;
}

RunName run_name_of(const std::string& text) {
  if (text == "last") return std::nullopt;
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) {
    throw CLI::ValidationError("RUN", "'" + text + "' is neither a number nor `last`");
  }
  return number_of(text, "RUN");
}

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
  static const std::array<Entry, 29> kEntries;

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

  void add_run_name(CLI::App* sub, RunName& run) {
    sub->add_option_function<std::string>(
           "RUN", [&run](const std::string& text) { run = run_name_of(text); }, kRunMeaning)
        ->required();
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
    sub->callback([this] { chosen_ = SchemaOptions{}; });
  }
  void declare_plan(CLI::App* sub) {
    add_pipeline(sub, plan_.tree.pipeline);
    add_tree(sub, plan_.tree);
    add_stages(sub, plan_.stages, "only this stage and what it needs; may be repeated");
    sub->add_flag("--explain", plan_.explain,
                  "also where each value of a stage was written: file and line");
    add_event(*sub, plan_.event);
    add_secret_sources(*sub, plan_.secrets);
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
  void declare_runs(CLI::App* sub) {
    sub->add_flag("--all", runs_.all, "of every repository; default: of the one here");
    sub->add_option("--limit,-n", runs_.limit, "how many")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("N");
    add_format(*sub, runs_.format, "one run a line, as JSON");
    add_server(*sub, runs_.server, "the runs of that server");
    sub->callback([this] { chosen_ = runs_; });
  }
  void declare_show(CLI::App* sub) {
    add_run_name(sub, show_.run);
    add_format(*sub, show_.format, "its events, one a line, as JSON");
    sub->callback([this] { chosen_ = show_; });
  }
  void declare_logs(CLI::App* sub) {
    add_run_name(sub, logs_.run);
    add_server(*sub, logs_.server, "of a run of that server, one job");
    sub->add_option("JOB", logs_.job, "only this job; default: all, one after the other");
    sub->add_option("--service", logs_.service, "what this service of the job printed instead");
    sub->add_flag("--follow,-f", logs_.follow, "go on until the job, or the run, is over");
    sub->add_option("--tail,-n", logs_.tail,
                    "only the last N lines of each job; with --grep, of those that match")
        ->check(CLI::Range(0, kMany))
        ->type_name("N");
    sub->add_option("--attempt", logs_.attempt, "which attempt; default: the last")
        ->check(CLI::Range(1, kMany))
        ->type_name("N");
    sub->add_flag("--timestamps,-t", logs_.timestamps, "when each line was printed");
    CLI::Option* grep =
        sub->add_option("--grep", logs_.grep, "only lines that match this regular expression")
            ->type_name("RE");
    sub->add_flag("--ignore-case,-i", logs_.ignore_case, "grep: small and capital letters alike")
        ->needs(grep);
    sub->add_option("--context,-C", logs_.context, "grep: also N lines before and after each")
        ->check(CLI::Range(0, kMostContext))
        ->type_name("N")
        ->needs(grep);
    sub->callback([this] { chosen_ = logs_; });
  }
  void declare_tests(CLI::App* sub) {
    sub->add_option_function<std::string>(
        "RUN", [this](const std::string& text) { tests_.run = run_name_of(text); },
        std::string(kRunMeaning) + "; default: `last`");
    const auto only = [this, sub](const char* name, render::TestsWanted wanted, const char* what) {
      return sub->add_flag_callback(
          name, [this, wanted] { tests_.wanted = wanted; }, what);
    };
    CLI::Option* failed = only("--failed", render::TestsWanted::failed, "only what failed");
    CLI::Option* slow = only("--slow", render::TestsWanted::slow, "only the slowest");
    only("--flaky", render::TestsWanted::flaky,
         "only what passed and failed on one and the same tree, or passed when it was run again")
        ->excludes(failed)
        ->excludes(slow);
    failed->excludes(slow);
    sub->add_option("--history", tests_.history,
                    "what became of this test in the latest runs; `*` stands for any characters")
        ->type_name("NAME");
    add_format(*sub, tests_.format, "one test a line, as JSON");
    sub->callback([this] { chosen_ = tests_; });
  }
  void declare_attach(CLI::App* sub) {
    add_run_name(sub, attach_.run);
    add_driving(sub, attach_);
    add_format(*sub, attach_.format, "one event a line, as JSON");
    sub->callback([this] { chosen_ = attach_; });
  }
  void declare_cancel(CLI::App* sub) {
    add_run_name(sub, cancel_.run);
    add_server(*sub, cancel_.server, "a run of that server");
    sub->callback([this] { chosen_ = cancel_; });
  }
  void declare_decision(CLI::App* sub, bool approve) {
    decide_.approve = approve;
    add_run_name(sub, decide_.run);
    sub->add_option("STAGE", decide_.stage, "the approval that waits")->required();
    sub->add_option("--comment,-m", decide_.comment, "why; kept with the run")->type_name("TEXT");
    sub->callback([this] { chosen_ = decide_; });
  }
  void declare_approve(CLI::App* sub) { declare_decision(sub, true); }
  void declare_reject(CLI::App* sub) { declare_decision(sub, false); }
  void declare_retry(CLI::App* sub) {
    add_run_name(sub, retry_.run);
    sub->add_flag_callback(
        "--failed", [] {}, "what did not succeed (the default)");
    add_stages(sub, retry_.stages, "this stage and all that needs it; may be repeated");
    add_running(sub, retry_);
    sub->callback([this] { chosen_ = retry_; });
  }
  // `artifacts RUN`, `artifacts list RUN`, `artifacts get RUN NAME`: CLI11 sees up to three words.
  void declare_artifacts(CLI::App* sub) {
    sub->footer(
        "pipeline artifacts [list] RUN [OPTIONS]\n"
        "       pipeline artifacts get RUN NAME [OPTIONS]");
    sub->add_option("RUN", words_[0], kRunMeaning)->required();
    sub->add_option("NAME", words_[1], "get: which one");
    sub->add_option("THIRD", words_[2])->group(kHidden);
    sub->add_option("--to", get_.directory, "get: directory to make; default: NAME")
        ->type_name("DIR");
    add_format(*sub, list_.format, "one artifact a line, as JSON");
    sub->callback([this] { chosen_ = artifacts_command(); });
  }
  Command artifacts_command() {
    const bool is_get = words_[0] == "get";
    const bool is_named = is_get || words_[0] == "list";
    if (is_named && words_[1].empty()) throw CLI::RequiredError("RUN");
    if (is_get) {
      if (words_[2].empty()) throw CLI::RequiredError("NAME");
      get_.run = run_name_of(words_[1]);
      get_.name = words_[2];
      return get_;
    }
    list_.run = run_name_of(words_[is_named ? 1 : 0]);
    if (!(surplus_ = words_[is_named ? 2 : 1]).empty()) throw CLI::ExtrasError({surplus_});
    return list_;
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
    sub->callback([this, resume] {
      finish(deploy_.tree);
      if (resume->count() > 0) {
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
           "--to", [this](const std::string& text) { rollback_.release = number_of(text, "--to"); },
           "release number; default: the one before the current")
        ->type_name("RELEASE");
    sub->callback([this] { chosen_ = rollback_; });
  }
  void declare_stop(CLI::App* sub) {
    sub->add_option("ENV", stop_.environment, "environment, or PIPELINE/ENV")->required();
    sub->callback([this] { chosen_ = stop_; });
  }
  void declare_status(CLI::App* sub) {
    sub->add_option("ENV", status_.environment, "environment, or PIPELINE/ENV; default: all");
    add_format(*sub, status_.format, "one environment a line, as JSON");
    sub->callback([this] { chosen_ = status_; });
  }
  // `secret set NAME`, `secret list`, `secret remove NAME`.
  void declare_secret(CLI::App* sub) {
    sub->footer(
        "pipeline secret set NAME [OPTIONS] < VALUE\n"
        "       pipeline secret list [OPTIONS]\n"
        "       pipeline secret remove NAME [OPTIONS]");
    sub->add_option("ACTION", words_[0])->group(kHidden);
    sub->add_option("NAME", words_[1],
                    "what stages name in `secrets`, and the variable they find it in");
    CLI::Option* repository =
        sub->add_option("--repository", scope_.repository,
                        "whose: path or URL of a repository; default: the one here")
            ->type_name("URL");
    sub->add_flag("--global", scope_.global, "of all repositories; a repository's own goes first")
        ->excludes(repository);
    add_format(*sub, secret_list_.format, "list: one secret a line, as JSON");
    sub->callback([this] { chosen_ = secret_command(); });
  }
  Command secret_command() {
    if (words_[0].empty()) throw CLI::RequiredError("set, list or remove");
    if (words_[0] == "list") {
      if (!(surplus_ = words_[1]).empty()) throw CLI::ExtrasError({surplus_});
      secret_list_.scope = scope_;
      return secret_list_;
    }
    if (words_[0] != "set" && words_[0] != "remove") {
      throw CLI::ValidationError("secret", "'" + words_[0] + "' is none of set, list and remove");
    }
    if (words_[1].empty()) throw CLI::RequiredError("NAME");
    if (words_[0] == "set") return SecretSetOptions{words_[1], scope_};
    return SecretRemoveOptions{words_[1], scope_};
  }
  void declare_serve(CLI::App* sub) { servers_.declare_serve(*sub); }
  void declare_agent(CLI::App* sub) { servers_.declare_agent(*sub); }
  void declare_agents(CLI::App* sub) { servers_.declare_agents(*sub); }
  void declare_repo(CLI::App* sub) { servers_.declare_repo(*sub); }
  void declare_token(CLI::App* sub) { servers_.declare_token(*sub); }
  void declare_doctor(CLI::App* sub) {
    add_format(*sub, doctor_.format, "as JSON");
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
  RunsOptions runs_;
  ShowOptions show_;
  LogsOptions logs_;
  TestsOptions tests_;
  AttachOptions attach_;
  CancelOptions cancel_;
  DecideOptions decide_;
  RetryOptions retry_;
  ArtifactsListOptions list_;
  ArtifactsGetOptions get_;
  DeployOptions deploy_;
  ResumeOptions resume_;
  RollbackOptions rollback_;
  StopOptions stop_;
  StatusOptions status_;
  SecretScope scope_;
  SecretListOptions secret_list_;
  DoctorOptions doctor_;
  ServerGrammar servers_{[this](Command command) { chosen_ = std::move(command); }, surplus_};
};

const std::array<Grammar::Entry, 29> Grammar::kEntries = {
    Grammar::Entry{"run",
                   "Runs a pipeline on the working tree as it stands: uncommitted and untracked "
                   "files in, ignored ones out.",
                   &Grammar::declare_run},
    Grammar::Entry{"check", "Validates pipeline files; without FILE, all of this repository.",
                   &Grammar::declare_check},
    Grammar::Entry{"schema", "Prints the JSON Schema of pipeline files.", &Grammar::declare_schema},
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
    Grammar::Entry{"serve",
                   "Serves a team: keeps repositories, gives jobs to agents, keeps what comes of "
                   "them. SIGTERM stops it; what is under way goes on with the next start.",
                   &Grammar::declare_serve},
    Grammar::Entry{"agent",
                   "Makes this machine run jobs of a server. SIGTERM stops it; its jobs go on, and "
                   "the next start takes them up.",
                   &Grammar::declare_agent},
    Grammar::Entry{"agents", "Lists the agents of a server.", &Grammar::declare_agents},
    Grammar::Entry{"repo", "Says which repositories a server knows.", &Grammar::declare_repo},
    Grammar::Entry{"token", "Says who may call a server. `add` prints the new token, this once.",
                   &Grammar::declare_token},
    Grammar::Entry{"doctor",
                   "Tells what this machine offers for isolating jobs, and how to get the rest.",
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
