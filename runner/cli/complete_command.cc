// pipeline __complete, which the shells' scripts ask what could stand where the user is: one
// candidate a line, a tab, what it is. ":files" and ":folders" ask the shell for its own. It
// never says what is wrong: somebody is typing.
#include <utility>

#include "pipelines/base/text.h"
#include "pipelines/config/reader.h"
#include "pipelines/templates/templates.h"
#include "runner/cli/commands.h"
#include "runner/cli/completion_point.h"
#include "runner/cli/discovery.h"
#include "runner/cli/environments.h"
#include "runner/cli/run_names.h"
#include "runner/cli/run_place.h"
#include "runner/cli/server_client.h"
#include "runner/cli/working_folder.h"

namespace pipeline::cli {

namespace {

constexpr std::size_t kMostRuns = 30;

struct Candidate {
  std::string word;
  std::string meaning;
};
using Found = base::Result<std::vector<Candidate>>;

// "ci" of "pipelines/ci.toml"; a file elsewhere is called by its path.
std::string name_of(const std::string& file) {
  const std::filesystem::path path = file;
  return path.parent_path() == kPipelineFolder ? path.stem().string() : file;
}

Found pipelines(const Context& context) {
  const WorkingFolder folder(context.directory);
  std::vector<Candidate> found;
  for (const std::string& file : folder.pipeline_files()) {
    const auto text = folder.read_found(file);
    const auto read =
        text ? config::read_pipeline(text->text, folder.lookup().beside) : config::ReadResult{};
    found.push_back({name_of(file), read.pipeline ? read.pipeline->description : ""});
  }
  found.push_back({":files", ""});
  return found;
}

Found runs(Context& context) {
  PIPELINE_ASSIGN(const RunPlace place, open_run_place({.local = true}, context));
  PIPELINE_ASSIGN(const auto newest,
                  place.runs->list({.repository = place.repository, .limit = kMostRuns}));
  std::vector<Candidate> found;
  if (!newest.empty()) found.push_back({"last", "the newest"});
  for (const auto& run : newest) {
    found.push_back(
        {std::to_string(run.id), run.pipeline + ", " + std::string(run::to_string(run.status))});
  }
  return found;
}

base::Result<engine::StoredRun> run_named(const std::string& word, Context& context) {
  const bool is_number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number && word != "last") {
    return base::fail(base::ErrorKind::invalid, "'" + word + "' names no run");
  }
  const RunName name = is_number ? RunName(std::strtoull(word.c_str(), nullptr, 10)) : std::nullopt;
  PIPELINE_ASSIGN(const RunPlace place, open_run_place({.local = true}, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(name, place));
  return load_run(*place.runs, id);
}

std::string argument(const CompletionPoint& point, std::size_t index) {
  return index < point.arguments.size() ? point.arguments[index] : std::string();
}

Found jobs(const CompletionPoint& point, Context& context) {
  PIPELINE_ASSIGN(const auto run, run_named(argument(point, 0), context));
  std::vector<Candidate> found;
  for (std::size_t job = 0; job < run.plan.jobs.size(); ++job) {
    found.push_back(
        {run.plan.jobs[job].name, std::string(run::to_string(run.state.jobs[job].status))});
  }
  return found;
}

Found artifacts(const CompletionPoint& point, Context& context) {
  PIPELINE_ASSIGN(const auto run, run_named(argument(point, 1), context));
  std::vector<Candidate> found;
  for (const auto& job : run.state.jobs) {
    for (const auto& artifact : job.artifacts) found.push_back({artifact.name, ""});
  }
  return found;
}

base::Result<model::Pipeline> chosen_pipeline(const std::string& name, const Context& context) {
  const auto wanted = name.empty() ? std::nullopt : std::optional(name);
  const WorkingFolder folder(context.directory);
  PIPELINE_ASSIGN(const PipelineText text, folder.read_chosen(wanted));
  auto read = config::read_pipeline(text.text, folder.lookup().beside);
  if (!read.pipeline) return base::fail(base::ErrorKind::invalid, "the file has mistakes");
  return *std::move(read.pipeline);
}

Found stages(const CompletionPoint& point, Context& context) {
  std::vector<Candidate> found;
  if (point.command == "retry") {
    PIPELINE_ASSIGN(const auto run, run_named(argument(point, 0), context));
    for (const auto& stage : run.plan.pipeline.stages) found.push_back({stage.name, ""});
    return found;
  }
  PIPELINE_ASSIGN(const auto pipeline, chosen_pipeline(argument(point, 0), context));
  for (const auto& stage : pipeline.stages) found.push_back({stage.name, ""});
  return found;
}

Found templates_there_are() {
  std::vector<Candidate> found;
  for (const auto& one : templates::all()) {
    found.push_back({std::string(one.name), std::string(one.description)});
  }
  return found;
}

// Those that a pipeline here declares, which may never have been deployed to, and those that were.
Found environments(Context& context) {
  std::vector<Candidate> found;
  const auto add = [&found](const std::string& name, const std::string& meaning) {
    const auto is_same = [&](const Candidate& one) { return one.word == name; };
    if (std::ranges::none_of(found, is_same)) found.push_back({name, meaning});
  };
  PIPELINE_ASSIGN(deploy::Deployer* const deployer, context.services.deployer());
  PIPELINE_ASSIGN(const auto deployed, deployer->environments());
  for (const auto& key : deployed) add(key.environment, key.pipeline);
  if (const auto pipeline = chosen_pipeline("", context)) {
    for (const auto& one : pipeline->environments) add(one.name, pipeline->name);
  }
  return found;
}

Found secrets(Context& context) {
  PIPELINE_ASSIGN(store::SecretVault* const vault, context.services.secrets());
  PIPELINE_ASSIGN(const auto entries, vault->list());
  std::vector<Candidate> found;
  found.reserve(entries.size());
  for (const auto& entry : entries) found.push_back({entry.id.name, ""});
  return found;
}

Found candidates_at(const CompletionPoint& point, Context& context) {
  switch (point.candidates) {
    case Candidates::files:
      return std::vector<Candidate>{{":files", ""}};
    case Candidates::folders:
      return std::vector<Candidate>{{":folders", ""}};
    case Candidates::pipelines:
      return pipelines(context);
    case Candidates::runs:
      return runs(context);
    case Candidates::jobs:
      return jobs(point, context);
    case Candidates::stages:
      return stages(point, context);
    case Candidates::templates:
      return templates_there_are();
    case Candidates::environments:
      return environments(context);
    case Candidates::artifacts:
      return artifacts(point, context);
    case Candidates::secrets:
      return secrets(context);
    case Candidates::none:
    case Candidates::words:
      break;
  }
  return std::vector<Candidate>{};
}

// What a server has is not asked for while somebody types.
bool is_elsewhere(const CompletionPoint& point, const std::vector<std::string>& before) {
  const bool is_of_runs =
      point.candidates == Candidates::runs || point.candidates == Candidates::jobs ||
      point.candidates == Candidates::artifacts || point.candidates == Candidates::environments ||
      (point.candidates == Candidates::stages && point.command == "retry");
  const auto has = [&](std::string_view word) {
    return std::ranges::find(before, word) != before.end();
  };
  return is_of_runs && (has("--server") || (!has("--local") && is_server_usual()));
}

}  // namespace

Outcome execute(const CompleteOptions& options, Context& context) {
  const CompletionPoint point = completion_point(options.before);
  std::string text;
  for (const std::string& word : point.words) text += word + "\n";
  const auto found = is_elsewhere(point, options.before) ? Found(std::vector<Candidate>())
                                                         : candidates_at(point, context);
  if (found) {
    for (const Candidate& one : *found) {
      text += base::printable(one.word);
      text += one.meaning.empty() ? "\n" : "\t" + base::printable(one.meaning) + "\n";
    }
  }
  context.console.out.write(text);
  return ExitCode::success;
}

}  // namespace pipeline::cli
