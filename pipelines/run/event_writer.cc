#include "pipelines/run/event_writer.h"

#include <boost/json.hpp>

#include "pipelines/base/timestamp.h"

namespace pipeline::run {

namespace {

namespace json = boost::json;

json::array strings(const std::vector<std::string>& items) {
  json::array array;
  for (const std::string& item : items) array.emplace_back(item);
  return array;
}

json::object texts(const std::map<std::string, std::string>& items) {
  json::object object;
  for (const auto& [name, value] : items) object[name] = value;
  return object;
}

json::object split_files_object(
    const std::map<std::string, std::vector<plan::SplitFile>>& by_stage) {
  json::object object;
  for (const auto& [stage, files] : by_stage) {
    json::array listed;
    for (const plan::SplitFile& file : files) {
      json::object one{{"path", file.path}};
      if (file.measured) one["ms"] = file.measured->count();
      listed.push_back(std::move(one));
    }
    object[stage] = std::move(listed);
  }
  return object;
}

json::object facts_object(const plan::Facts& facts) {
  json::object object{
      {"event", facts.event},         {"branch", facts.branch}, {"tag", facts.tag},
      {"commit", facts.commit},       {"tree", facts.tree},     {"dirty", facts.dirty},
      {"params", texts(facts.params)}};
  if (facts.changed) object["changed"] = strings(*facts.changed);
  if (facts.untrusted) object["untrusted"] = true;
  if (!facts.split_files.empty()) object["split_files"] = split_files_object(facts.split_files);
  return object;
}

json::object spec_object(const RunSpec& spec) {
  json::object object{{"pipeline", spec.pipeline},
                      {"repository", spec.repository},
                      {"file", spec.pipeline_file},
                      {"text", spec.pipeline_text},
                      {"facts", facts_object(spec.facts)},
                      {"stages", strings(spec.stages)},
                      {"no_cache", spec.no_cache},
                      {"keep", spec.keep},
                      {"jobs", spec.jobs}};
  if (!spec.included.empty()) object["included"] = texts(spec.included);
  if (!spec.server_environments.empty())
    object["server_environments"] = texts(spec.server_environments);
  if (!spec.cause.empty()) object["cause"] = spec.cause;
  if (spec.detached) object["detached"] = true;
  if (!spec.concurrency_group.empty()) object["concurrency_group"] = spec.concurrency_group;
  if (spec.parent) {
    object["parent"] = {{"run", spec.parent->run}, {"job", spec.parent->job}};
  }
  if (spec.firing) {
    object["firing"] = {{"schedule", spec.firing->schedule},
                        {"at", base::format_timestamp(spec.firing->at)}};
  }
  if (spec.after) object["after"] = *spec.after;
  return object;
}

json::object tests_object(const report::TestSummary& tests) {
  const report::TestCounts& counts = tests.counts;
  json::object object{{"passed", counts.passed}, {"failed", counts.failed},
                      {"errors", counts.errors}, {"skipped", counts.skipped},
                      {"flaky", counts.flaky},   {"quarantined", counts.quarantined}};
  if (tests.coverage) {
    object["coverage"] = {{"lines_covered", tests.coverage->lines_covered},
                          {"lines", tests.coverage->lines}};
  }
  if (tests.failures.empty()) return object;
  json::array failures;
  for (const report::FailedTest& test : tests.failures) {
    json::object failure{{"name", test.name}};
    if (!test.place.empty()) failure["place"] = test.place;
    if (!test.message.empty()) failure["message"] = test.message;
    if (test.quarantined) failure["quarantined"] = true;
    failures.push_back(std::move(failure));
  }
  object["failures"] = std::move(failures);
  return object;
}

struct BodyWriter {
  json::object& line;

  void operator()(const RunCreated& event) { line["spec"] = spec_object(event.spec); }
  void operator()(const JobQueued& event) { attempt(event); }
  void operator()(const JobLeased& event) {
    attempt(event);
    line["worker"] = event.worker;
  }
  void operator()(const JobWaiting& event) {
    attempt(event);
    line["reason"] = event.reason;
  }
  void operator()(const JobStarted& event) { attempt(event); }
  void operator()(const CommandStarted& event) {
    attempt(event);
    line["index"] = event.index;
    line["command"] = event.command;
  }
  void operator()(const CommandFinished& event) {
    attempt(event);
    line["index"] = event.index;
    line["exit_code"] = event.exit_code;
  }
  void operator()(const DeploymentAdvanced& event) {
    attempt(event);
    line["environment"] = event.environment;
    line["state"] = event.state;
    line["detail"] = event.detail;
  }
  void operator()(const ChildRunStarted& event) {
    attempt(event);
    line["run"] = event.run;
  }
  void operator()(const JobFinishing& event) { attempt(event); }
  void operator()(const JobFinished& event) {
    attempt(event);
    line["status"] = to_string(event.status);
    line["reason"] = event.reason;
    results(event);
    line["cpu_ms"] = event.usage.cpu.count();
    line["peak_memory"] = event.usage.peak_memory;
    if (!event.warnings.empty()) line["warnings"] = strings(event.warnings);
    if (event.unstarted) line["unstarted"] = true;
  }
  void operator()(const JobCached& event) {
    line["job"] = event.job;
    results(event);
    line["from_run"] = event.from_run;
    if (event.from_job.empty()) return;
    line["from_job"] = event.from_job;
    line["from_attempt"] = event.from_attempt;
  }
  void operator()(const JobSkipped& event) {
    line["job"] = event.job;
    line["reason"] = event.reason;
  }
  void operator()(const JobStopRequested& event) {
    attempt(event);
    line["as"] = to_string(event.as);
    line["reason"] = event.reason;
  }
  void operator()(const JobRetried& event) {
    attempt(event);
    line["not_before"] = base::format_timestamp(event.not_before);
    line["reason"] = event.reason;
  }
  void operator()(const RunWaiting& event) { line["reason"] = event.reason; }
  void operator()(const RunCancelRequested& event) { line["reason"] = event.reason; }
  void operator()(const RunRetried& event) {
    line["jobs"] = strings(event.jobs);
    if (event.detached) line["detached"] = true;
    if (!event.by.empty()) line["by"] = event.by;
  }
  void operator()(const RunFinished& event) {
    line["status"] = to_string(event.status);
    line["reason"] = event.reason;
  }

 private:
  template <class JobEvent>
  void attempt(const JobEvent& event) {
    line["job"] = event.job;
    line["attempt"] = event.attempt;
  }
  template <class ResultEvent>
  void results(const ResultEvent& event) {
    if (event.outputs) line["outputs"] = event.outputs->hex();
    if (event.tests) line["tests"] = tests_object(*event.tests);
    if (event.artifacts.empty()) return;
    json::array artifacts;
    for (const ProducedArtifact& artifact : event.artifacts) {
      artifacts.push_back(
          {{"name", artifact.name}, {"digest", artifact.digest.hex()}, {"size", artifact.size}});
    }
    line["artifacts"] = std::move(artifacts);
  }
};

}  // namespace

void write_body(const EventBody& body, json::object& line) {
  std::visit(BodyWriter{line}, body);
}

}  // namespace pipeline::run
