#include "runner/cli/stored_runs_grammar.h"

#include <CLI/CLI.hpp>

#include "runner/cli/option_groups.h"

namespace pipeline::cli {

namespace {

constexpr int kMany = 1'000'000'000;
constexpr int kMostContext = 1000;

std::vector<std::string> statuses() {
  std::vector<std::string> words;
  // None is ever stored as `created`.
  for (std::size_t i = 1; i < run::kRunStatuses; ++i)
    words.emplace_back(run::to_string(static_cast<run::RunStatus>(i)));
  return words;
}

}  // namespace

void StoredRunsGrammar::declare_runs(CLI::App& sub) {
  sub.add_flag("--all", runs_.all, "of every repository; default: of the one here");
  sub.add_option("--pipeline", runs_.pipeline, "only of this pipeline")->type_name("NAME");
  sub.add_option("--branch", runs_.branch, "only of this branch")->type_name("BRANCH");
  sub.add_option_function<std::string>(
         "--status", [this](const std::string& word) { runs_.status = run::run_status_from(word); },
         "only those that stand, or ended, like this")
      ->check(CLI::IsMember(statuses()))
      ->type_name("STATUS");
  sub.add_option("--limit,-n", runs_.limit, "how many")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  add_format(sub, runs_.format, "one run a line, as JSON");
  add_place(sub, runs_.server, "the runs of that server");
  sub.callback([this] { choose_(runs_); });
}
void StoredRunsGrammar::declare_show(CLI::App& sub) {
  add_run_name(sub, show_.run);
  add_format(sub, show_.format, "its events, one a line, as JSON");
  add_place(sub, show_.server, kOfServer);
  sub.callback([this] { choose_(show_); });
}
void StoredRunsGrammar::declare_logs(CLI::App& sub) {
  add_run_name(sub, logs_.run);
  sub.add_option("JOB", logs_.job, "only this job; default: all, one after the other");
  sub.add_option("--service", logs_.service, "what this service of the job printed instead");
  sub.add_flag("--follow,-f", logs_.follow, "go on until the job, or the run, is over");
  sub.add_option("--tail,-n", logs_.tail,
                 "only the last N lines of each job; with --grep, of those that match")
      ->check(CLI::Range(0, kMany))
      ->type_name("N");
  sub.add_option("--attempt", logs_.attempt, "which attempt; default: the last")
      ->check(CLI::Range(1, kMany))
      ->type_name("N");
  sub.add_flag("--timestamps,-t", logs_.timestamps, "when each line was printed");
  CLI::Option* grep =
      sub.add_option("--grep", logs_.grep, "only lines that match this regular expression")
          ->type_name("RE");
  sub.add_flag("--ignore-case,-i", logs_.ignore_case, "grep: small and capital letters alike")
      ->needs(grep);
  sub.add_option("--context,-C", logs_.context, "grep: also N lines before and after each")
      ->check(CLI::Range(0, kMostContext))
      ->type_name("N")
      ->needs(grep);
  add_place(sub, logs_.server, kOfServer);
  sub.callback([this] { choose_(logs_); });
}
void StoredRunsGrammar::declare_tests(CLI::App& sub) {
  sub.add_option_function<std::string>(
      "RUN", [this](const std::string& text) { tests_.run = run_name_of(text); },
      std::string(kRunMeaning) + "; default: `last`");
  const auto only = [this, &sub](const char* name, render::TestsWanted wanted, const char* what) {
    return sub.add_flag_callback(
        name, [this, wanted] { tests_.wanted = wanted; }, what);
  };
  CLI::Option* failed = only("--failed", render::TestsWanted::failed, "only what failed");
  CLI::Option* slow = only("--slow", render::TestsWanted::slow, "only the slowest");
  only("--flaky", render::TestsWanted::flaky,
       "only what passed and failed on one and the same tree, or passed when it was run again")
      ->excludes(failed)
      ->excludes(slow);
  failed->excludes(slow);
  sub.add_option("--history", tests_.history,
                 "what became of this test in the latest runs; `*` stands for any characters")
      ->type_name("NAME");
  add_format(sub, tests_.format, "one test a line, as JSON");
  add_place(sub, tests_.server, kOfServer);
  sub.callback([this] { choose_(tests_); });
}
void StoredRunsGrammar::declare_cancel(CLI::App& sub) {
  add_run_name(sub, cancel_.run);
  add_place(sub, cancel_.server, kOfServer);
  sub.callback([this] { choose_(cancel_); });
}
void StoredRunsGrammar::declare_decision(CLI::App& sub, bool approve) {
  decide_.approve = approve;
  add_run_name(sub, decide_.run);
  sub.add_option("STAGE", decide_.stage, "the approval that waits")->required();
  sub.add_option("--comment,-m", decide_.comment, "why; kept with the run")->type_name("TEXT");
  add_place(sub, decide_.server, kOfServer);
  sub.callback([this] { choose_(decide_); });
}
void StoredRunsGrammar::declare_approve(CLI::App& sub) {
  declare_decision(sub, true);
}
void StoredRunsGrammar::declare_reject(CLI::App& sub) {
  declare_decision(sub, false);
}
// `artifacts RUN`, `artifacts list RUN`, `artifacts get RUN NAME`: CLI11 sees up to three words.
void StoredRunsGrammar::declare_artifacts(CLI::App& sub) {
  sub.footer(
      "pipeline artifacts [list] RUN [OPTIONS]\n"
      "       pipeline artifacts get RUN NAME [OPTIONS]");
  sub.add_option("RUN", words_[0], kRunMeaning)->required();
  sub.add_option("NAME", words_[1], "get: which one");
  sub.add_option("THIRD", words_[2])->group(kHidden);
  sub.add_option("--to", get_.directory, "get: directory to make; default: NAME")->type_name("DIR");
  add_format(sub, list_.format, "one artifact a line, as JSON");
  add_place(sub, list_.server, kOfServer);
  sub.callback([this] { choose_(artifacts_command()); });
}
Command StoredRunsGrammar::artifacts_command() {
  const bool is_get = words_[0] == "get";
  const bool is_named = is_get || words_[0] == "list";
  if (is_named && words_[1].empty()) throw CLI::RequiredError("RUN");
  get_.server = list_.server;
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

}  // namespace pipeline::cli
