// pipeline logs.
#include <chrono>
#include <functional>
#include <set>
#include <thread>

#include "pipelines/base/reason.h"
#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/followed_run.h"
#include "runner/cli/log_printer.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/run_names.h"
#include "runner/cli/run_place.h"

namespace pipeline::cli {

namespace {

// Those of the jobs that have the service that is asked for, if one is.
base::Result<std::vector<std::size_t>> with_service(std::vector<std::size_t> jobs,
                                                    const LogsOptions& options,
                                                    const plan::Plan& plan) {
  if (!options.service) return jobs;
  std::set<std::string> names;
  std::erase_if(jobs, [&](std::size_t job) {
    bool has_it = false;
    for (const model::ServiceSpec* service : plan.services_of(plan.jobs[job])) {
      names.insert(service->name);
      has_it = has_it || service->name == *options.service;
    }
    return !has_it;
  });
  if (!jobs.empty()) return jobs;
  base::Error error(base::ErrorKind::invalid,
                    (options.job ? *options.job + " has" : "no job of this run has") +
                        std::string(options.job ? " no" : " a") + " service \"" + *options.service +
                        "\"");
  if (names.empty()) return base::fail(std::move(error));
  const std::vector<std::string> there(names.begin(), names.end());
  const auto near = base::nearest(*options.service, there);
  return base::fail(std::move(error).hint(near ? "did you mean \"" + *near + "\"?"
                                               : "there is: " + base::join(there, ", ")));
}

base::Result<std::vector<std::size_t>> chosen_jobs(const LogsOptions& options,
                                                   const plan::Plan& plan) {
  std::vector<std::size_t> jobs;
  std::vector<std::string> names;
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    names.push_back(plan.jobs[job].name);
    if (!options.job || names.back() == *options.job) jobs.push_back(job);
  }
  if (!jobs.empty()) return with_service(std::move(jobs), options, plan);
  const std::string wanted = options.job.value_or("");
  const auto near = base::nearest(wanted, names);
  return base::fail(
      base::Error(base::ErrorKind::invalid, "this run has no job \"" + wanted + "\"")
          .hint(near ? "did you mean \"" + *near + "\"?" : "it has: " + base::join(names, ", ")));
}

// One job whose log is asked for; the printer comes into being when the log does.
class JobLog {
 public:
  JobLog(std::size_t job, LogLayout layout) : job_(job), layout_(std::move(layout)) {}

  // Whether its job is over is asked before it is read: then this is all of it.
  base::Result<> pump(const LogsOptions& options, const FollowedRun& run, RunReader& runs,
                      Terminal& out) {
    if (is_whole_) return {};
    const run::JobState& state = run.state().jobs[job_];
    if (!printer_) {
      const AttemptName attempt{run.id(), run.plan().jobs[job_].name,
                                options.attempt.value_or(state.attempt)};
      auto log = runs.open_log(attempt, options.service);
      if (!log && log.error().kind() == base::ErrorKind::not_found) return {};
      if (!log) return base::fail(std::move(log).error());
      PIPELINE_ASSIGN(auto printer, LogPrinter::begin(*std::move(log), layout_, options.tail, out));
      printer_ = std::move(printer);
    }
    is_whole_ = run::is_terminal(state.status);
    return printer_->pump();
  }
  void finish() {
    if (printer_) printer_->finish();
  }
  // Returns when there may be more, or somewhat later. Requires that it was found.
  base::Result<> wait(std::chrono::milliseconds patience) { return printer_->wait(patience); }
  bool was_found() const { return printer_.has_value(); }
  bool has_matched() const { return printer_ && printer_->has_matched(); }
  std::size_t job() const { return job_; }

 private:
  std::size_t job_;
  LogLayout layout_;
  std::optional<LogPrinter> printer_;
  bool is_whole_ = false;
};

bool are_over(const std::vector<JobLog>& logs, const FollowedRun& run) {
  return run.is_over() || std::all_of(logs.begin(), logs.end(), [&](const JobLog& log) {
           return run::is_terminal(run.state().jobs[log.job()].status);
         });
}

// Nobody waits for one of several: the others go on meanwhile.
base::Result<> wait_for_more(std::vector<JobLog>& logs, std::chrono::milliseconds patience) {
  if (logs.size() == 1 && logs.front().was_found()) return logs.front().wait(patience);
  std::this_thread::sleep_for(patience);
  return {};
}

std::string where_all_is(const FollowedRun& run, const RunPlace& place) {
  return place.commands.command("show", std::to_string(run.id())) + " shows the whole run";
}

base::Error no_log(const JobLog& log, const FollowedRun& run, const LogsOptions& options,
                   const RunPlace& place) {
  const run::JobState& state = run.state().jobs[log.job()];
  const std::string& name = run.plan().jobs[log.job()].name;
  if (options.attempt.value_or(0) > state.attempt) {
    return base::Error(base::ErrorKind::invalid,
                       name + " has no attempt " + std::to_string(*options.attempt))
        .hint("its last is " + std::to_string(state.attempt));
  }
  const std::string of_service = options.service ? " of service " + *options.service : "";
  std::string message =
      name + " has no log" + of_service + ": it is " + std::string(run::to_string(state.status));
  if (!state.reason.empty())
    message += ", " + render::one_line(base::split_reason(state.reason).what);
  return base::Error(base::ErrorKind::invalid, std::move(message)).hint(where_all_is(run, place));
}

base::Error no_logs(const FollowedRun& run, const LogsOptions& options, const RunPlace& place) {
  const std::string what =
      options.attempt ? "an attempt " + std::to_string(*options.attempt) + " with a log" : "a log";
  return base::Error(base::ErrorKind::invalid,
                     "no job of run " + std::to_string(run.id()) + " has " + what)
      .hint(where_all_is(run, place));
}

std::vector<JobLog> logs_of(const std::vector<std::size_t>& jobs, const LogsOptions& options,
                            const LineMatcher* matcher, const plan::Plan& plan) {
  std::vector<JobLog> logs;
  for (const std::size_t job : jobs) {
    // Lines of several jobs need their job's name.
    const std::string prefix = jobs.size() > 1 ? plan.jobs[job].name + " | " : std::string();
    logs.emplace_back(job, LogLayout{prefix, options.timestamps, matcher, options.context});
  }
  return logs;
}

base::Result<std::optional<LineMatcher>> matcher_of(const LogsOptions& options) {
  if (!options.grep) return std::nullopt;
  return LineMatcher::compile(*options.grep,
                              options.ignore_case ? LetterCase::ignored : LetterCase::counts);
}

// On standard error: what was asked for is an empty output.
void tell_no_match(const std::vector<JobLog>& logs, const LogsOptions& options, Console& console) {
  if (std::any_of(logs.begin(), logs.end(), std::mem_fn(&JobLog::has_matched))) return;
  console.err.write("no line matches \"" + base::printable(*options.grep) + "\"\n");
}

}  // namespace

Outcome execute(const LogsOptions& options, Context& context) {
  PIPELINE_ASSIGN(const std::optional<LineMatcher> matcher, matcher_of(options));
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  PIPELINE_ASSIGN(FollowedRun run, FollowedRun::open(id, *place.runs));
  PIPELINE_ASSIGN(const auto jobs, chosen_jobs(options, run.plan()));
  std::vector<JobLog> logs = logs_of(jobs, options, matcher ? &*matcher : nullptr, run.plan());
  while (true) {
    // Decided before reading, so that nothing written until then is missed.
    const bool is_last_round = !options.follow || are_over(logs, run);
    for (JobLog& log : logs) PIPELINE_TRY(log.pump(options, run, *place.runs, context.console.out));
    if (is_last_round) break;
    PIPELINE_TRY(wait_for_more(logs, place.patience));
    PIPELINE_TRY(run.refresh());
  }
  for (JobLog& log : logs) log.finish();
  const bool none = std::none_of(logs.begin(), logs.end(), std::mem_fn(&JobLog::was_found));
  if (none && logs.size() == 1) return base::fail(no_log(logs.front(), run, options, place));
  if (none) return base::fail(no_logs(run, options, place));
  if (matcher) tell_no_match(logs, options, context.console);
  return ExitCode::success;
}

}  // namespace pipeline::cli
