#include "pipelines/plan/describe.h"

#include <variant>

#include "pipelines/base/duration.h"
#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "pipelines/plan/columns.h"
#include "pipelines/plan/run_values.h"

namespace pipeline::plan {

namespace {

std::string number(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

std::vector<std::string> sandbox_asks(const model::SandboxSpec& sandbox) {
  const model::SandboxSpec plain;
  std::vector<std::string> asks;
  if (sandbox.network != plain.network) asks.emplace_back("network host");
  if (sandbox.memory != plain.memory) asks.push_back("memory " + base::format_size(sandbox.memory));
  if (sandbox.cpus > 0) asks.push_back("cpus " + number(sandbox.cpus));
  if (sandbox.processes != plain.processes) {
    asks.push_back("processes " + std::to_string(sandbox.processes));
  }
  if (sandbox.disk != plain.disk) asks.push_back("disk " + base::format_size(sandbox.disk));
  if (sandbox.output != plain.output) asks.push_back("output " + base::format_size(sandbox.output));
  for (const std::string& path : sandbox.readable) asks.push_back("readable " + path);
  return asks;
}

std::string describe(const model::StrategySpec& strategy) {
  std::string text(to_string(strategy.kind));
  if (strategy.kind == model::StrategyKind::rolling) {
    text += ", " + std::to_string(strategy.batch) + (strategy.batch_is_percent ? "%" : "") +
            " at a time";
  }
  if (strategy.bake > base::Duration::zero())
    text += ", bake " + base::format_duration(strategy.bake);
  return text;
}

std::string describe(const model::GateSpec& gate) {
  if (const auto* toggle = std::get_if<model::ToggleGate>(&gate.gate)) {
    return "toggle: " + enumerate(toggle->off) + " off";
  }
  const auto& run = std::get<model::SmokeGate>(gate.gate).run;
  return "smoke: " + std::to_string(run.size()) + (run.size() == 1 ? " command" : " commands");
}

std::string describe(const model::RetrySpec& retry) {
  std::vector<std::string> ends;
  if (retry.on_errored) ends.emplace_back("errored");
  if (retry.on_failed) ends.emplace_back("failed");
  if (retry.on_timeout) ends.emplace_back("timed out");
  std::string text = "up to " + std::to_string(retry.max) + " further " +
                     (retry.max == 1 ? "attempt" : "attempts") + " when " +
                     base::join(ends, " or ");
  if (retry.backoff > base::Duration{0}) {
    text += ", after " + base::format_duration(retry.backoff);
    if (retry.max > 1) text += ", doubled each time";
  }
  return text;
}

std::string describe(const model::ApprovalWork& work) {
  if (work.approvers.empty()) return "waits for anybody's approval";
  constexpr std::string_view kGroup = "group:";
  std::vector<std::string> names;
  for (const std::string& approver : work.approvers) {
    names.push_back(approver.starts_with(kGroup)
                        ? "somebody of group " + approver.substr(kGroup.size())
                        : approver);
  }
  return "waits for approval by " + base::join(names, " or ");
}

std::string describe(const model::ChildWork& work) {
  std::string text = "runs pipeline " + work.pipeline;
  std::vector<std::string> values;
  for (const auto& [name, value] : work.params) {
    values.push_back(name);
    values.back().append("=").append(value);
  }
  return values.empty() ? text : text + " with " + base::join(values, ", ");
}

std::string describe_concurrency(const Plan& plan) {
  const auto group = concurrency_group(plan.pipeline, plan.facts);
  if (!group || group->empty()) return "";
  const model::Concurrency& concurrency = *plan.pipeline.concurrency;
  std::string text = "group " + base::printable(*group) + ", ";
  text +=
      concurrency.limit == 1 ? "one at a time" : std::to_string(concurrency.limit) + " at a time";
  switch (concurrency.superseded) {
    case model::Superseded::keep:
      return text;
    case model::Superseded::cancel_queued:
      return text + "; a newer run cancels those that wait";
    case model::Superseded::cancel_running:
      return text + "; a newer run cancels those before it";
  }
  return text;
}

std::string describe_ready(const model::ServiceSpec& service) {
  if (!service.ready) return "at once";
  const model::ReadySpec& ready = *service.ready;
  std::string text = "command " + ready.command;
  if (ready.endpoint) {
    std::string host = ready.endpoint->host;
    if (host.find(':') != std::string::npos) host.insert(0, "[").append("]");
    const std::string port = std::to_string(ready.endpoint->port);
    if (ready.endpoint->http_path) {
      text = "http://" + (host.empty() ? "localhost" : host) + ":" + port;
      text += *ready.endpoint->http_path;
    } else {
      text = "port " + (host.empty() ? port : host + ":" + port);
    }
  }
  return text + ", within " + base::format_duration(ready.timeout);
}

const model::StrategySpec& strategy_of(const model::DeployWork& work,
                                       const model::Environment& environment) {
  return work.strategy ? *work.strategy : environment.strategy;
}

}  // namespace pipeline::plan
