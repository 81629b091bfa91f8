// A pipeline: what one TOML file says. Plain values, made by pipelines/config, never changed
// afterwards.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/model/environment.h"
#include "pipelines/model/notify.h"
#include "pipelines/model/stage.h"
#include "pipelines/model/triggers.h"

namespace pipeline::model {

enum class ParamType { string, integer, boolean };

struct Param {
  std::string name;
  ParamType type = ParamType::string;
  std::vector<std::string> choices;          // empty: any
  std::optional<std::string> default_value;  // as text; none: must be given
  std::string description;
};

struct Pipeline {
  std::string name;
  std::string description;
  std::vector<Param> params;  // file order
  std::vector<Stage> stages;  // file order
  std::vector<Environment> environments;
  Triggers triggers;
  std::optional<Concurrency> concurrency;  // none: runs do not mind each other
  std::vector<NotifyRule> notify{};        // file order

  const Stage* find_stage(std::string_view stage_name) const;
  const Environment* find_environment(std::string_view environment_name) const;
};

std::string_view to_string(ParamType type);

}  // namespace pipeline::model
