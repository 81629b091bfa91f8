// render_plan().
#include <algorithm>
#include <variant>

#include "pipelines/base/text.h"
#include "pipelines/plan/columns.h"
#include "pipelines/plan/condition.h"
#include "pipelines/plan/describe.h"
#include "pipelines/plan/forecast.h"
#include "pipelines/plan/render.h"
#include "pipelines/plan/split.h"

namespace pipeline::plan {

namespace {

using model::CommandWork;
using model::DeployWork;
using model::NeedsStatus;
using model::Stage;

constexpr std::size_t kWidestName = 24;
constexpr std::size_t kShortCommit = 12;

std::string count_of(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string summary(const Plan& plan, std::size_t skipped) {
  std::string text = "pipeline " + plan.pipeline.name + ": " + count_of(plan.jobs.size(), "job") +
                     ", " + std::to_string(plan.jobs.size() - skipped) + " would run";
  if (skipped > 0) text += ", " + std::to_string(skipped) + " would be skipped";
  return text + "\n";
}

std::string what_is_built(const Facts& facts) {
  std::string text = "event " + facts.event;
  text += facts.branch.empty() ? ", no branch" : ", branch " + facts.branch;
  if (!facts.tag.empty()) text += ", tag " + facts.tag;
  if (!facts.commit.empty()) text += ", commit " + facts.commit.substr(0, kShortCommit);
  if (facts.dirty) text += ", with changes that are not committed";
  return base::printable(text);
}

std::string parameters(const Facts& facts) {
  std::string text;
  for (const auto& [name, value] : facts.params) {
    text += text.empty() ? "parameters " : ", ";
    text += name;
    text += '=';
    text += value;
  }
  return base::printable(text);
}

// The jobs of one stage lie together: several are named by their stage.
std::vector<std::string> names_of_needs(const Plan& plan, const Job& job) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < job.needs.size();) {
    const Job& first = plan.jobs[job.needs[i].job];
    const bool optional = job.needs[i].optional;
    std::size_t count = 0;
    while (i < job.needs.size() && plan.jobs[job.needs[i].job].stage == first.stage) ++i, ++count;
    names.push_back(count == 1 ? first.name
                               : plan.stage_of(first).name + " (" + count_of(count, "job") + ")");
    if (optional) names.back() += " (optional)";
  }
  return names;
}

std::string when_it_starts(const Plan& plan, const Job& job) {
  if (job.needs.empty()) return "at once";
  std::string names = enumerate(names_of_needs(plan, job));
  switch (job.needs_status) {
    case NeedsStatus::success:
      return "after " + names;
    case NeedsStatus::failure:
      return "if one fails: " + names;
    case NeedsStatus::always:
      return "whatever becomes of " + names;
  }
  return names;
}

std::string secrets_of(const CommandWork& work, const SecretOrigins& origins) {
  std::vector<std::string> secrets;
  for (const std::string& name : work.secrets) {
    const auto origin = origins.find(name);
    secrets.push_back(
        origin == origins.end() ? name : name + " (" + std::string(describe(origin->second)) + ")");
  }
  return base::join(secrets, ", ");
}

std::vector<std::string> command_details(const Plan& plan, const Job& job, const CommandWork& work,
                                         const SecretOrigins& origins) {
  std::vector<std::string> details;
  if (job.part && work.split->files) {
    const auto files = share_of(plan.facts, plan.stage_of(job).name, *job.part);
    details.push_back("its share of " + *work.split->files + ": " +
                      count_of(files ? files->size() : 0, "file"));
  }
  for (const std::string& artifact : work.uses) {
    details.push_back("uses artifact " + artifact + " of " +
                      plan.jobs[job.artifact_makers.at(artifact)].name);
  }
  for (const auto& artifact : work.artifacts) details.push_back("makes artifact " + artifact.name);
  if (!work.inputs.empty()) {
    details.push_back("an earlier result is used while unchanged: " +
                      base::join(work.inputs, ", "));
  }
  if (!work.tools.empty()) details.push_back("depends on tools: " + base::join(work.tools, ", "));
  for (const auto& cache : work.caches) {
    std::string text = "cache " + cache.path + ": " + cache.key;
    if (!cache.fallback.empty()) text += ", else " + base::join(cache.fallback, ", else ");
    details.push_back(std::move(text));
  }
  for (std::size_t i = 0; i < work.services.size(); ++i) {
    const model::ServiceSpec& service = work.services[i];
    const auto& skip = job.service_skips[i];
    details.push_back(skip ? "no service " + service.name + ": " + *skip
                           : "service " + service.name + ", ready: " + describe_ready(service));
  }
  if (!work.secrets.empty()) details.push_back("secrets: " + secrets_of(work, origins));
  if (!work.agent.labels.empty())
    details.push_back("agents with " + base::join(work.agent.labels, ", "));
  const auto asks = sandbox_asks(work.sandbox);
  if (!asks.empty()) details.push_back("sandbox: " + base::join(asks, ", "));
  return details;
}

std::vector<std::string> deploy_details(const Plan& plan, const Job& job, const DeployWork& work) {
  std::vector<std::string> details;
  details.push_back("deploys artifact " + work.artifact + " of " +
                    plan.jobs[job.artifact_makers.at(work.artifact)].name + " to " +
                    work.environment);
  if (work.promote_from) details.push_back("only what passed the gates of " + *work.promote_from);
  const model::Environment* environment = plan.pipeline.find_environment(work.environment);
  if (environment == nullptr) return details;
  details.push_back("strategy: " + describe(strategy_of(work, *environment)) + "; " +
                    count_of(environment->instances, "instance") + " on ports " +
                    std::to_string(environment->ports.first) + "-" +
                    std::to_string(environment->ports.last));
  details.push_back("traffic: " + environment->traffic.listen + ", preview " +
                    environment->traffic.preview);
  for (const auto& gate : environment->gates) details.push_back("gate: " + describe(gate));
  if (!environment->agent.labels.empty())
    details.push_back("agents with " + base::join(environment->agent.labels, ", "));
  return details;
}

struct WorkDetails {
  const Plan& plan;
  const Job& job;
  const SecretOrigins& origins;
  std::vector<std::string> operator()(const CommandWork& work) const {
    return command_details(plan, job, work, origins);
  }
  std::vector<std::string> operator()(const DeployWork& work) const {
    return deploy_details(plan, job, work);
  }
  std::vector<std::string> operator()(const model::ApprovalWork& work) const {
    std::vector<std::string> details = {describe(work)};
    if (!work.prompt.empty()) details.push_back("asks: " + work.prompt);
    return details;
  }
  std::vector<std::string> operator()(const model::ChildWork& work) const {
    return {describe(work)};
  }
};

std::vector<std::string> details_of(const Plan& plan, const Job& job, bool is_skipped,
                                    const SecretOrigins& origins) {
  const Stage& stage = plan.stage_of(job);
  std::vector<std::string> details;
  if (!is_skipped && stage.when) {
    const std::string conditions = describe(*stage.when);
    if (!conditions.empty()) details.push_back("holds: " + conditions);
  }
  if (stage.lock) details.push_back("one at a time: lock " + *stage.lock);
  if (stage.retry) details.push_back(describe(*stage.retry));
  if (stage.allow_failure) details.emplace_back("its failure does not fail the run");
  const auto more = std::visit(WorkDetails{plan, job, origins}, stage.work);
  details.insert(details.end(), more.begin(), more.end());
  return details;
}

}  // namespace

std::string render_trigger(const TriggerNote& note) {
  std::string text = in_columns("", 0, sentence(note.answer));
  std::string_view head = "next: ";
  for (const FiringTime& time : note.next) {
    text += in_columns(head, head.size(), time.text);
    head = "      ";
  }
  return text;
}

std::string render_plan(const Plan& plan, const PlanNotes& notes) {
  const auto skips = forecast_skips(plan);
  const auto skipped = static_cast<std::size_t>(
      std::ranges::count_if(skips, [](const auto& skip) { return skip.has_value(); }));
  std::string text = notes.trigger ? render_trigger(*notes.trigger) + "\n" : "";
  text += summary(plan, skipped) + in_columns("", 0, what_is_built(plan.facts));
  if (!plan.facts.params.empty()) text += in_columns("", 0, parameters(plan.facts));
  if (const std::string group = describe_concurrency(plan); !group.empty()) {
    text += in_columns("", 0, group);
  }
  text += "\n";
  std::vector<std::string> names;
  names.reserve(plan.jobs.size());
  for (const Job& job : plan.jobs) names.push_back(job.name);
  const std::size_t number_width = std::to_string(plan.jobs.size()).size();
  const std::size_t name_width = common_width(names, kWidestName);
  const std::size_t indent = number_width + 2 + name_width + 2;
  for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const std::string head = std::string(number_width - number.size(), ' ') + number + "  " +
                             padded(names[i], name_width) + "  ";
    text +=
        in_columns(head, indent,
                   skips[i] ? "skip  " + *skips[i] : "run   " + when_it_starts(plan, plan.jobs[i]));
    for (const std::string& detail :
         details_of(plan, plan.jobs[i], skips[i].has_value(), notes.secrets)) {
      text += in_columns(std::string(number_width + 2, ' ') + "-", number_width + 4, detail);
    }
    if (i < notes.reuse.size() && !notes.reuse[i].empty()) {
      text += in_columns(std::string(number_width + 2, ' ') + "-", number_width + 4,
                         "reuse: " + notes.reuse[i]);
    }
  }
  return text;
}

}  // namespace pipeline::plan
