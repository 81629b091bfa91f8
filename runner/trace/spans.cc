#include "runner/trace/spans.h"

#include <algorithm>
#include <map>
#include <optional>

namespace pipeline::trace {

namespace {

using base::TimePoint;
using run::JobStatus;
using run::RunStatus;

// Values of cicd.pipeline.task.run.result; "error" is what is left: not the job's doing.
std::string_view result_of(JobStatus status) {
  if (run::is_success(status)) return "success";
  if (status == JobStatus::failed) return "failure";
  if (status == JobStatus::timed_out) return "timeout";
  if (status == JobStatus::cancelled) return "cancellation";
  if (status == JobStatus::skipped) return "skip";
  return "error";
}

// Of cicd.pipeline.result.
std::string_view result_of(RunStatus status) {
  if (status == RunStatus::succeeded) return "success";
  if (status == RunStatus::failed) return "failure";
  if (status == RunStatus::cancelled) return "cancellation";
  return "error";
}

// Of cicd.pipeline.task.type; none for stages that are none of these.
std::optional<std::string> type_of(model::StageKind kind) {
  using model::StageKind;
  if (kind == StageKind::unit || kind == StageKind::integration || kind == StageKind::acceptance)
    return "test";
  if (kind == StageKind::deploy) return "deploy";
  if (kind == StageKind::command) return "build";
  return std::nullopt;
}

void end_as(Span& span, std::string_view result, const std::string& reason) {
  const bool is_error = result != "success" && result != "skip";
  span.status = is_error ? Span::Status::error : Span::Status::unset;
  if (!is_error) return;
  span.message = reason;
  span.attributes.emplace_back("error.type", std::string(result));
}

// Reads the history once. What goes on is kept until its end comes; what was before the run was
// opened again is dropped.
class Teller {
 public:
  Teller(run::RunId run, const plan::Plan& plan, const run::RunSpec& spec, TimePoint created_at)
      : run_(run), plan_(plan), spec_(spec), context_(run, spec, created_at), began_(created_at) {}

  void tell(const run::Event& event) {
    at_ = event.at;
    std::visit([this](const auto& body) { on(body); }, event.body);
  }
  RunTrace take() { return {context_.trace_id(), std::move(spans_)}; }

 private:
  struct Open {
    std::uint32_t attempt = 1;
    TimePoint since;
    std::string worker{};
    struct Part {
      std::uint32_t index = 0;
      TimePoint since;
      std::string name;
    };
    std::optional<Part> command{};
    std::optional<Part> step{};
    std::uint32_t steps = 0;
  };

  template <class Body>
  void on(const Body& /*body*/) {}

  void on(const run::RunRetried& /*retried*/) {
    ++round_;
    began_ = at_;
    spans_.clear();
    open_.clear();
  }
  void on(const run::JobLeased& leased) {
    open_[leased.job] = {.attempt = leased.attempt, .since = at_, .worker = leased.worker};
  }
  void on(const run::CommandStarted& started) {
    open(started.job).command = {started.index, at_, started.command};
  }
  void on(const run::CommandFinished& finished) {
    Open& job = open(finished.job);
    if (job.command) end_command(finished.job, job, finished.exit_code);
  }
  void on(const run::DeploymentAdvanced& advanced) {
    Open& job = open(advanced.job);
    if (job.step) end_step(advanced.job, job);
    job.step = {job.steps++, at_, "deploy " + advanced.environment + ": " + advanced.state};
  }
  void on(const run::JobFinished& finished) {
    Open& job = open(finished.job);
    if (job.command) end_command(finished.job, job, std::nullopt);
    if (job.step) end_step(finished.job, job);
    Span span = job_span(finished.job, finished.attempt, finished.status, finished.reason);
    span.begin = job.since;
    if (!job.worker.empty()) span.attributes.emplace_back("cicd.worker.name", job.worker);
    spans_.push_back(std::move(span));
    open_.erase(finished.job);
  }
  void on(const run::JobCached& cached) {
    Span span = job_span(cached.job, 0, JobStatus::cached, "");
    span.attributes.emplace_back("pipeline.cached_from_run",
                                 static_cast<std::int64_t>(cached.from_run));
    spans_.push_back(std::move(span));
  }
  void on(const run::JobSkipped& skipped) {
    Span span = job_span(skipped.job, 0, JobStatus::skipped, "");
    span.attributes.emplace_back("pipeline.reason", skipped.reason);
    spans_.push_back(std::move(span));
  }
  void on(const run::RunFinished& finished) {
    const std::string_view result = result_of(finished.status);
    Span span{.id = context_.span_of_run(round_),
              .parent = "",
              .name = "RUN " + spec_.pipeline,
              .kind = Span::Kind::server,
              .begin = began_,
              .end = at_,
              .attributes = {{"cicd.pipeline.action.name", "RUN"},
                             {"cicd.pipeline.name", spec_.pipeline},
                             {"cicd.pipeline.run.id", std::to_string(run_)},
                             {"cicd.pipeline.result", std::string(result)}}};
    add_source(span.attributes);
    end_as(span, result, finished.reason);
    spans_.push_back(std::move(span));
  }

  void add_source(Attributes& attributes) const {
    const plan::Facts& facts = spec_.facts;
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty()) attributes.emplace_back(name, value);
    };
    add("vcs.repository.url.full", spec_.repository);
    add("vcs.ref.head.revision", facts.commit);
    add("vcs.ref.head.name", facts.tag.empty() ? facts.branch : facts.tag);
    if (!facts.tag.empty() || !facts.branch.empty())
      add("vcs.ref.head.type", facts.tag.empty() ? "branch" : "tag");
  }

  // One that nobody leased has ended as it began.
  Open& open(const std::string& job) {
    return open_.try_emplace(job, Open{.since = at_}).first->second;
  }

  // That ends now, and has begun now unless somebody knows better.
  Span job_span(const std::string& job, std::uint32_t attempt, JobStatus status,
                const std::string& reason) const {
    const std::string_view result = result_of(status);
    Span span{.id = context_.span_of_job(job, attempt),
              .parent = context_.span_of_run(round_),
              .name = job,
              .begin = at_,
              .end = at_,
              .attributes = {{"cicd.pipeline.task.name", job},
                             {"cicd.pipeline.task.run.id",
                              std::to_string(run_) + "/" + job + "/" + std::to_string(attempt)},
                             {"cicd.pipeline.task.run.result", std::string(result)}}};
    if (const auto number = plan_.find(job))
      if (const auto type = type_of(plan_.stage_of(plan_.jobs[*number]).kind))
        span.attributes.emplace_back("cicd.pipeline.task.type", *type);
    end_as(span, result, reason);
    return span;
  }

  // Without an exit code it was ended with its job.
  void end_command(const std::string& job, Open& open, std::optional<int> exit_code) {
    Span span{.id = context_.span_of_command(job, open.attempt, open.command->index),
              .parent = context_.span_of_job(job, open.attempt),
              .name = open.command->name.substr(0, open.command->name.find('\n')),
              .begin = open.command->since,
              .end = at_,
              .attributes = {{"process.command_line", open.command->name}}};
    if (exit_code) span.attributes.emplace_back("process.exit.code", std::int64_t{*exit_code});
    if (exit_code != 0) end_as(span, exit_code ? "failure" : "error", "");
    spans_.push_back(std::move(span));
    open.command.reset();
  }

  void end_step(const std::string& job, Open& open) {
    spans_.push_back({.id = context_.span_of_step(job, open.attempt, open.step->index),
                      .parent = context_.span_of_job(job, open.attempt),
                      .name = open.step->name,
                      .begin = open.step->since,
                      .end = at_});
    open.step.reset();
  }

  run::RunId run_;
  const plan::Plan& plan_;
  const run::RunSpec& spec_;
  TraceContext context_;
  std::uint32_t round_ = 0;
  TimePoint began_;  // this round
  TimePoint at_{};   // of the event that is told
  std::map<std::string, Open> open_;
  std::vector<Span> spans_;
};

}  // namespace

RunTrace trace_of(run::RunId run, const plan::Plan& plan, const std::vector<run::Event>& events) {
  if (events.empty()) return {};
  const auto* const created = std::get_if<run::RunCreated>(&events.front().body);
  if (created == nullptr) return {};
  Teller teller(run, plan, created->spec, events.front().at);
  for (const run::Event& event : events) teller.tell(event);
  return teller.take();
}

}  // namespace pipeline::trace
