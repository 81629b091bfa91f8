#include "pipelines/model/pipeline.h"

#include <algorithm>

namespace pipeline::model {

namespace {

template <class T>
const T* find_by_name(const std::vector<T>& items, std::string_view name) {
  const auto found = std::ranges::find(items, name, &T::name);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const Stage* Pipeline::find_stage(std::string_view stage_name) const {
  return find_by_name(stages, stage_name);
}

const Environment* Pipeline::find_environment(std::string_view environment_name) const {
  return find_by_name(environments, environment_name);
}

std::string_view to_string(ParamType type) {
  switch (type) {
    case ParamType::string:
      return "string";
    case ParamType::integer:
      return "integer";
    case ParamType::boolean:
      return "boolean";
  }
  return "string";
}

std::string_view to_string(StageKind kind) {
  switch (kind) {
    case StageKind::command:
      return "command";
    case StageKind::unit:
      return "unit";
    case StageKind::integration:
      return "integration";
    case StageKind::acceptance:
      return "acceptance";
    case StageKind::deploy:
      return "deploy";
    case StageKind::approval:
      return "approval";
    case StageKind::pipeline:
      return "pipeline";
  }
  return "command";
}

std::string_view to_string(StrategyKind kind) {
  switch (kind) {
    case StrategyKind::all_at_once:
      return "all-at-once";
    case StrategyKind::rolling:
      return "rolling";
    case StrategyKind::blue_green:
      return "blue-green";
  }
  return "blue-green";
}

}  // namespace pipeline::model
