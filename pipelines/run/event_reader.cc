#include "pipelines/run/event_reader.h"

#include <array>
#include <boost/json.hpp>
#include <limits>

#include "pipelines/base/timestamp.h"
#include "pipelines/run/transition.h"

namespace pipeline::run {

namespace {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;

std::map<std::string, std::string> read_text_map(const FieldReader& fields, std::string_view name) {
  std::map<std::string, std::string> items;
  const json::value* value = fields.find(name);
  if (value == nullptr) return items;
  if (!value->is_object()) {
    fields.refuse(name);
    return items;
  }
  const FieldReader texts(value->get_object());
  for (const auto& [key, text] : value->get_object()) items[std::string(key)] = texts.text(key);
  if (!texts.check()) fields.refuse(name);
  return items;
}

std::optional<plan::SplitFile> read_split_file(const json::value& value) {
  if (!value.is_object()) return std::nullopt;
  const FieldReader fields(value.get_object());
  plan::SplitFile file{fields.text("path"), std::nullopt};
  if (fields.find("ms") != nullptr) file.measured = base::Duration(fields.number("ms", 0));
  if (!fields.check()) return std::nullopt;
  return file;
}

std::map<std::string, std::vector<plan::SplitFile>> read_split_files(const FieldReader& outer) {
  std::map<std::string, std::vector<plan::SplitFile>> by_stage;
  const json::value* value = outer.find("split_files");
  if (value == nullptr) return by_stage;
  if (!value->is_object()) {
    outer.refuse("split_files");
    return by_stage;
  }
  for (const auto& [stage, listed] : value->get_object()) {
    auto& files = by_stage[std::string(stage)];
    if (!listed.is_array()) outer.refuse("split_files");
    const json::array* const items = listed.if_array();
    for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
      auto file = read_split_file((*items)[i]);
      if (!file) outer.refuse("split_files");
      files.push_back(std::move(file).value_or(plan::SplitFile{}));
    }
  }
  return by_stage;
}

plan::Facts read_facts(const FieldReader& outer) {
  plan::Facts facts;
  const json::value* value = outer.find("facts");
  if (value == nullptr || !value->is_object()) {
    outer.refuse("facts");
    return facts;
  }
  const FieldReader fields(value->get_object());
  facts.event = fields.text("event");
  facts.branch = fields.text("branch");
  facts.tag = fields.text("tag");
  facts.commit = fields.text("commit");
  facts.tree = fields.text("tree");
  facts.dirty = fields.boolean("dirty");
  if (fields.find("changed") != nullptr) facts.changed = fields.texts("changed");
  facts.params = read_text_map(fields, "params");
  facts.split_files = read_split_files(fields);
  facts.untrusted = fields.boolean("untrusted");
  if (!fields.check()) outer.refuse("facts");
  return facts;
}

std::optional<ParentRun> read_parent(const FieldReader& outer) {
  const json::value* value = outer.find("parent");
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    outer.refuse("parent");
    return std::nullopt;
  }
  const FieldReader fields(value->get_object());
  ParentRun parent{fields.unsigned_number("run", 0), fields.text("job")};
  if (!fields.check()) outer.refuse("parent");
  return parent;
}

std::optional<ScheduledFiring> read_firing(const FieldReader& outer) {
  const json::value* value = outer.find("firing");
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    outer.refuse("firing");
    return std::nullopt;
  }
  const FieldReader fields(value->get_object());
  const auto at = base::parse_timestamp(fields.text("at"));
  ScheduledFiring firing{fields.text("schedule"), at.value_or(base::TimePoint())};
  if (!fields.check() || !at) outer.refuse("firing");
  return firing;
}

RunSpec read_spec(const FieldReader& outer) {
  RunSpec spec;
  const json::value* value = outer.find("spec");
  if (value == nullptr || !value->is_object()) {
    outer.refuse("spec");
    return spec;
  }
  const FieldReader fields(value->get_object());
  spec.pipeline = fields.text("pipeline");
  spec.repository = fields.text("repository");
  spec.pipeline_file = fields.text("file");
  spec.pipeline_text = fields.text("text");
  spec.included = read_text_map(fields, "included");
  spec.facts = read_facts(fields);
  spec.stages = fields.texts("stages");
  spec.no_cache = fields.boolean("no_cache");
  spec.keep = fields.boolean("keep");
  spec.jobs = fields.small_number("jobs", 0);
  spec.detached = fields.boolean("detached");
  spec.concurrency_group = fields.text("concurrency_group");
  spec.parent = read_parent(fields);
  spec.firing = read_firing(fields);
  if (fields.find("after") != nullptr) spec.after = fields.unsigned_number("after", 0);
  spec.server_environments = read_text_map(fields, "server_environments");
  spec.cause = fields.text("cause");
  if (!fields.check()) outer.refuse("spec");
  return spec;
}

std::vector<ProducedArtifact> read_artifacts(const FieldReader& outer) {
  std::vector<ProducedArtifact> artifacts;
  const json::value* value = outer.find("artifacts");
  if (value == nullptr) return artifacts;
  if (!value->is_array()) {
    outer.refuse("artifacts");
    return artifacts;
  }
  for (const json::value& item : value->get_array()) {
    if (!item.is_object()) {
      outer.refuse("artifacts");
      break;
    }
    const FieldReader fields(item.get_object());
    const std::optional<base::Digest> digest = fields.digest("digest");
    const std::uint64_t size = fields.unsigned_number("size", 0);
    if (digest) artifacts.push_back({fields.text("name"), *digest, size});
    if (!digest || !fields.check()) outer.refuse("artifacts");
  }
  return artifacts;
}

report::FailedTest read_failed_test(const FieldReader& fields) {
  return {fields.text("name"), fields.text("place"), fields.text("message"),
          fields.boolean("quarantined")};
}

void read_failures(const FieldReader& outer, std::vector<report::FailedTest>& failures) {
  const json::value* value = outer.find("failures");
  if (value == nullptr) return;
  if (!value->is_array()) return outer.refuse("failures");
  for (const json::value& item : value->get_array()) {
    if (!item.is_object()) return outer.refuse("failures");
    const FieldReader fields(item.get_object());
    failures.push_back(read_failed_test(fields));
    if (!fields.check()) outer.refuse("failures");
  }
}

std::optional<report::Coverage> read_coverage(const FieldReader& outer) {
  const json::value* value = outer.find("coverage");
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    outer.refuse("coverage");
    return std::nullopt;
  }
  const FieldReader fields(value->get_object());
  const report::Coverage coverage{fields.unsigned_number("lines_covered", 0),
                                  fields.unsigned_number("lines", 0)};
  if (!fields.check()) outer.refuse("coverage");
  return coverage;
}

std::optional<report::TestSummary> read_tests(const FieldReader& outer) {
  const json::value* value = outer.find("tests");
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    outer.refuse("tests");
    return std::nullopt;
  }
  const FieldReader fields(value->get_object());
  report::TestSummary tests;
  tests.counts = {.passed = fields.unsigned_number("passed", 0),
                  .failed = fields.unsigned_number("failed", 0),
                  .errors = fields.unsigned_number("errors", 0),
                  .skipped = fields.unsigned_number("skipped", 0),
                  .quarantined = fields.unsigned_number("quarantined", 0),
                  .flaky = fields.unsigned_number("flaky", 0)};
  read_failures(fields, tests.failures);
  tests.coverage = read_coverage(fields);
  if (!fields.check()) outer.refuse("tests");
  return tests;
}

JobStatus read_job_status(const FieldReader& fields, std::string_view name) {
  const std::optional<JobStatus> status = job_status_from(fields.text(name));
  if (!status) fields.refuse(name);
  return status.value_or(JobStatus::errored);
}

// What every event about an attempt begins with.
template <class JobEvent>
JobEvent attempt_of(const FieldReader& fields) {
  JobEvent event;
  event.job = fields.text("job");
  event.attempt = fields.small_number("attempt", 1);
  return event;
}

EventBody read_leased(const FieldReader& fields) {
  auto event = attempt_of<JobLeased>(fields);
  event.worker = fields.text("worker");
  return event;
}

EventBody read_waiting(const FieldReader& fields) {
  auto event = attempt_of<JobWaiting>(fields);
  event.reason = fields.text("reason");
  return event;
}

EventBody read_command_started(const FieldReader& fields) {
  auto event = attempt_of<CommandStarted>(fields);
  event.index = fields.small_number("index", 0);
  event.command = fields.text("command");
  return event;
}

EventBody read_command_finished(const FieldReader& fields) {
  auto event = attempt_of<CommandFinished>(fields);
  event.index = fields.small_number("index", 0);
  event.exit_code = static_cast<int>(fields.number("exit_code", 0));
  return event;
}

EventBody read_deployment(const FieldReader& fields) {
  auto event = attempt_of<DeploymentAdvanced>(fields);
  event.environment = fields.text("environment");
  event.state = fields.text("state");
  event.detail = fields.text("detail");
  return event;
}

EventBody read_child_run_started(const FieldReader& fields) {
  auto event = attempt_of<ChildRunStarted>(fields);
  event.run = fields.unsigned_number("run", 0);
  return event;
}

EventBody read_job_finished(const FieldReader& fields) {
  auto event = attempt_of<JobFinished>(fields);
  event.status = read_job_status(fields, "status");
  event.reason = fields.text("reason");
  event.outputs = fields.digest("outputs");
  event.artifacts = read_artifacts(fields);
  event.usage.cpu = base::Duration(fields.number("cpu_ms", 0));
  event.usage.peak_memory = fields.unsigned_number("peak_memory", 0);
  event.warnings = fields.texts("warnings");
  event.tests = read_tests(fields);
  event.unstarted = fields.boolean("unstarted");
  return event;
}

EventBody read_cached(const FieldReader& fields) {
  return JobCached{.job = fields.text("job"),
                   .outputs = fields.digest("outputs"),
                   .artifacts = read_artifacts(fields),
                   .from_run = fields.unsigned_number("from_run", 0),
                   .tests = read_tests(fields),
                   .from_job = fields.text("from_job"),
                   .from_attempt = fields.small_number("from_attempt", 0)};
}

EventBody read_stop_requested(const FieldReader& fields) {
  auto event = attempt_of<JobStopRequested>(fields);
  event.as = read_job_status(fields, "as");
  event.reason = fields.text("reason");
  return event;
}

EventBody read_job_retried(const FieldReader& fields) {
  auto event = attempt_of<JobRetried>(fields);
  const auto not_before = base::parse_timestamp(fields.text("not_before"));
  if (!not_before) fields.refuse("not_before");
  event.not_before = not_before.value_or(base::TimePoint{});
  event.reason = fields.text("reason");
  return event;
}

EventBody read_run_finished(const FieldReader& fields) {
  const std::optional<RunStatus> status = run_status_from(fields.text("status"));
  if (!status) fields.refuse("status");
  return RunFinished{status.value_or(RunStatus::errored), fields.text("reason")};
}

using BodyReader = EventBody (*)(const FieldReader&);

// In the order of EventKind.
constexpr std::array<BodyReader, kEventKinds> kReaders = {
    [](const FieldReader& fields) -> EventBody { return RunCreated{read_spec(fields)}; },
    [](const FieldReader& fields) -> EventBody { return attempt_of<JobQueued>(fields); },
    read_leased,
    read_waiting,
    [](const FieldReader& fields) -> EventBody { return attempt_of<JobStarted>(fields); },
    read_command_started,
    read_command_finished,
    read_deployment,
    [](const FieldReader& fields) -> EventBody { return attempt_of<JobFinishing>(fields); },
    read_job_finished,
    read_cached,
    [](const FieldReader& fields) -> EventBody {
      return JobSkipped{fields.text("job"), fields.text("reason")};
    },
    read_stop_requested,
    read_job_retried,
    [](const FieldReader& fields) -> EventBody {
      return RunCancelRequested{fields.text("reason")};
    },
    [](const FieldReader& fields) -> EventBody {
      return RunRetried{fields.texts("jobs"), fields.boolean("detached"), fields.text("by")};
    },
    read_run_finished,
    [](const FieldReader& fields) -> EventBody { return RunWaiting{fields.text("reason")}; },
    read_child_run_started,
};

}  // namespace

const json::value* FieldReader::find(std::string_view name) const {
  return object_.if_contains({name.data(), name.size()});
}

void FieldReader::refuse(std::string_view name) const {
  if (wrong_.empty()) wrong_ = name;
}

Result<> FieldReader::check() const {
  if (wrong_.empty()) return {};
  return base::fail(ErrorKind::corrupt, "wrong value for \"" + wrong_ + "\"");
}

std::string FieldReader::text(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return "";
  if (const json::string* text = value->if_string()) return {text->data(), text->size()};
  refuse(name);
  return "";
}

bool FieldReader::boolean(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return false;
  if (const bool* boolean = value->if_bool()) return *boolean;
  refuse(name);
  return false;
}

std::int64_t FieldReader::number(std::string_view name, std::int64_t fallback) const {
  const json::value* value = find(name);
  if (value == nullptr) return fallback;
  json::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (!error) return number;
  refuse(name);
  return fallback;
}

std::uint64_t FieldReader::unsigned_number(std::string_view name, std::uint64_t fallback) const {
  const json::value* value = find(name);
  if (value == nullptr) return fallback;
  json::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  if (!error) return number;
  refuse(name);
  return fallback;
}

std::uint32_t FieldReader::small_number(std::string_view name, std::uint32_t fallback) const {
  const std::uint64_t number = unsigned_number(name, fallback);
  if (number <= std::numeric_limits<std::uint32_t>::max()) {
    return static_cast<std::uint32_t>(number);
  }
  refuse(name);
  return fallback;
}

std::vector<std::string> FieldReader::texts(std::string_view name) const {
  std::vector<std::string> items;
  const json::value* value = find(name);
  if (value == nullptr) return items;
  if (!value->is_array()) {
    refuse(name);
    return items;
  }
  for (const json::value& item : value->get_array()) {
    if (const json::string* text = item.if_string()) {
      items.emplace_back(text->data(), text->size());
    } else {
      refuse(name);
    }
  }
  return items;
}

std::optional<base::Digest> FieldReader::digest(std::string_view name) const {
  if (find(name) == nullptr) return std::nullopt;
  const Result<base::Digest> digest = base::Digest::parse(text(name));
  if (digest) return *digest;
  refuse(name);
  return std::nullopt;
}

Result<EventBody> read_body(const FieldReader& fields) {
  const std::string name = fields.text("event");
  for (std::size_t kind = 0; kind < kEventKinds; ++kind) {
    if (to_string(static_cast<EventKind>(kind)) != name) continue;
    EventBody body = kReaders[kind](fields);
    PIPELINE_TRY(fields.check());
    return body;
  }
  return base::fail(ErrorKind::corrupt, "unknown event \"" + name + "\"");
}

}  // namespace pipeline::run
