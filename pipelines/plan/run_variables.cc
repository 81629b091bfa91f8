#include "pipelines/plan/run_variables.h"

#include <algorithm>
#include <variant>

namespace pipeline::plan {

namespace {

bool spells(const model::CommandWork& work, std::string_view name) {
  const auto in = [name](const std::string& text) { return text.find(name) != std::string::npos; };
  const auto in_value = [&](const auto& entry) { return in(entry.second); };
  const auto in_service = [&](const model::ServiceSpec& service) {
    return in(service.run) || (service.ready && in(service.ready->command)) ||
           std::ranges::any_of(service.env, in_value);
  };
  return std::ranges::any_of(work.run, in) || std::ranges::any_of(work.shell, in) ||
         std::ranges::any_of(work.env, in_value) || std::ranges::any_of(work.services, in_service);
}

}  // namespace

bool is_given(const model::Stage& stage, std::string_view variable) {
  const auto* work = std::get_if<model::CommandWork>(&stage.work);
  return work == nullptr || work->inputs.empty() || spells(*work, variable);
}

bool differs_each_time(const model::CommandWork& work) {
  return spells(work, "PIPELINE_RUN") || spells(work, "PIPELINE_ATTEMPT");
}

}  // namespace pipeline::plan
