// plan_json() and graph_json().
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <variant>

#include "pipelines/base/duration.h"
#include "pipelines/model/stage_graph.h"
#include "pipelines/plan/condition.h"
#include "pipelines/plan/describe.h"
#include "pipelines/plan/forecast.h"
#include "pipelines/plan/render.h"
#include "pipelines/plan/split.h"

namespace pipeline::plan {

namespace {

namespace json = boost::json;
using model::CommandWork;
using model::DeployWork;

json::array strings(const std::vector<std::string>& items) {
  json::array list;
  list.reserve(items.size());
  for (const std::string& item : items) list.emplace_back(item);
  return list;
}

json::object texts(const std::map<std::string, std::string>& items) {
  json::object object;
  for (const auto& [name, value] : items) object[name] = value;
  return object;
}

json::object facts_json(const Facts& facts) {
  json::object object{
      {"event", facts.event},         {"branch", facts.branch}, {"tag", facts.tag},
      {"commit", facts.commit},       {"tree", facts.tree},     {"dirty", facts.dirty},
      {"params", texts(facts.params)}};
  if (facts.changed) object["changed"] = strings(*facts.changed);
  return object;
}

json::object note_json(const TriggerNote& note) {
  json::object object{
      {"event", note.answer.event}, {"starts", note.answer.starts}, {"why", note.answer.why}};
  if (note.next.empty()) return object;
  json::array next;
  for (const FiringTime& time : note.next) next.emplace_back(time.for_machines);
  object["next"] = std::move(next);
  return object;
}

json::array services_json(const Job& planned, const CommandWork& work) {
  json::array services;
  for (std::size_t i = 0; i < work.services.size(); ++i) {
    const model::ServiceSpec& service = work.services[i];
    const auto& skip = planned.service_skips[i];
    json::object entry{{"name", service.name},
                       {"would", skip ? "skip" : "run"},
                       {"run", service.run},
                       {"ready", describe_ready(service)}};
    if (skip) entry["reason"] = *skip;
    if (service.when) entry["when"] = describe(*service.when);
    services.push_back(std::move(entry));
  }
  return services;
}

void add_command(const Job& planned, const CommandWork& work, const SecretOrigins& origins,
                 json::object& job) {
  json::array artifacts;
  for (const auto& artifact : work.artifacts) artifacts.emplace_back(artifact.name);
  job["run"] = strings(work.run);
  job["inputs"] = strings(work.inputs);
  job["tools"] = strings(work.tools);
  job["outputs"] = strings(work.outputs);
  job["artifacts"] = std::move(artifacts);
  job["uses"] = strings(work.uses);
  json::array caches;
  for (const auto& cache : work.caches) {
    caches.push_back(
        {{"path", cache.path}, {"key", cache.key}, {"fallback", strings(cache.fallback)}});
  }
  job["caches"] = std::move(caches);
  job["services"] = services_json(planned, work);
  job["secrets"] = strings(work.secrets);
  json::object sources;
  for (const std::string& name : work.secrets) {
    if (const auto origin = origins.find(name); origin != origins.end()) {
      sources[name] = to_string(origin->second);
    }
  }
  if (!sources.empty()) job["secret_sources"] = std::move(sources);
  job["labels"] = strings(work.agent.labels);
  job["sandbox"] = strings(sandbox_asks(work.sandbox));
}

void add_deployment(const Plan& plan, const DeployWork& work, json::object& job) {
  job["environment"] = work.environment;
  job["artifact"] = work.artifact;
  if (work.promote_from) job["promote_from"] = *work.promote_from;
  const model::Environment* environment = plan.pipeline.find_environment(work.environment);
  if (environment == nullptr) return;
  json::array gates;
  for (const auto& gate : environment->gates) gates.emplace_back(describe(gate));
  job["strategy"] = describe(strategy_of(work, *environment));
  job["instances"] = environment->instances;
  job["listen"] = environment->traffic.listen;
  if (!environment->agent.labels.empty()) job["labels"] = strings(environment->agent.labels);
  job["preview"] = environment->traffic.preview;
  job["gates"] = std::move(gates);
}

json::object job_json(const Plan& plan, const Job& job, const std::optional<std::string>& skip,
                      const SecretOrigins& origins) {
  const model::Stage& stage = plan.stage_of(job);
  json::array needs;
  for (const JobNeed& need : job.needs) {
    needs.push_back({{"job", plan.jobs[need.job].name}, {"optional", need.optional}});
  }
  json::object result{{"name", job.name},
                      {"stage", stage.name},
                      {"kind", to_string(stage.kind)},
                      {"needs", std::move(needs)},
                      {"would", skip ? "skip" : "run"},
                      {"timeout", base::format_duration(stage.timeout)},
                      {"allow_failure", stage.allow_failure}};
  if (skip) result["reason"] = *skip;
  if (job.part) {
    json::object part{{"index", job.part->index}, {"total", job.part->total}};
    if (const auto files = share_of(plan.facts, stage.name, *job.part)) {
      part["files"] = strings(*files);
    }
    result["split"] = std::move(part);
  }
  if (stage.lock) result["lock"] = *stage.lock;
  if (stage.retry) result["retry"] = describe(*stage.retry);
  if (stage.when) result["when"] = describe(*stage.when);
  if (const auto* work = std::get_if<CommandWork>(&stage.work)) {
    add_command(job, *work, origins, result);
  } else if (const auto* deploy = std::get_if<DeployWork>(&stage.work)) {
    add_deployment(plan, *deploy, result);
  } else if (const auto* approval = std::get_if<model::ApprovalWork>(&stage.work)) {
    result["approvers"] = strings(approval->approvers);
    result["prompt"] = approval->prompt;
  } else if (const auto* child = std::get_if<model::ChildWork>(&stage.work)) {
    result["pipeline"] = child->pipeline;
    result["params"] = texts(child->params);
  }
  return result;
}

}  // namespace

std::string plan_json(const Plan& plan, const PlanNotes& notes) {
  const auto skips = forecast_skips(plan);
  json::array jobs;
  for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
    json::object job = job_json(plan, plan.jobs[i], skips[i], notes.secrets);
    if (i < notes.reuse.size() && !notes.reuse[i].empty()) job["reuse"] = notes.reuse[i];
    jobs.push_back(std::move(job));
  }
  json::object object{{"pipeline", plan.pipeline.name}};
  if (notes.trigger) object["trigger"] = note_json(*notes.trigger);
  object["facts"] = facts_json(plan.facts);
  if (const std::string group = describe_concurrency(plan); !group.empty()) {
    object["concurrency"] = group;
  }
  object["jobs"] = std::move(jobs);
  return json::serialize(object) + "\n";
}

std::string trigger_json(const model::Pipeline& pipeline, const TriggerNote& note) {
  return json::serialize(json::object{{"pipeline", pipeline.name}, {"trigger", note_json(note)}}) +
         "\n";
}

std::string graph_json(const model::Pipeline& pipeline) {
  const model::StageGraph graph(pipeline);
  const auto levels = graph.levels();
  json::array stages;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    json::array needs;
    for (const model::StageEdge& edge : graph.needs(i)) {
      needs.push_back({{"stage", pipeline.stages[edge.stage].name}, {"optional", edge.optional}});
    }
    stages.push_back({{"name", pipeline.stages[i].name},
                      {"kind", to_string(pipeline.stages[i].kind)},
                      {"level", levels[i] + 1},
                      {"needs", std::move(needs)}});
  }
  return json::serialize(json::object{{"pipeline", pipeline.name}, {"stages", std::move(stages)}}) +
         "\n";
}

}  // namespace pipeline::plan
