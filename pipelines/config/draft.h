// A pipeline while it is being read: the model so far and, beside it, where things stand in the
// file, so that the rules (rules.h) can point at them. Nodes belong to the document.
#pragma once

#include <string>
#include <vector>

#include "pipelines/config/node.h"
#include "pipelines/model/pipeline.h"

namespace pipeline::config {

struct Draft {
  model::Pipeline pipeline;
  std::optional<std::string> toggles;          // of environments that name none
  model::Stage defaults;                       // what every command stage starts from
  std::vector<const Node*> stage_nodes;        // parallel to pipeline.stages
  std::vector<const Node*> environment_nodes;  // parallel to pipeline.environments
  const Node* triggers_node = nullptr;         // null: there are none

  // The place of a key's value in a stage or environment; of the table itself when it is absent.
  static base::SourceSpan span_of(const Node& table, std::string_view key);
  // The place of one entry of a list, or of the value itself when it is no list.
  static base::SourceSpan span_of(const Node& table, std::string_view key, std::size_t index);
};

// A parameter's value must be written as what it is: 3, not "3", for an integer.
bool is_of_type(const Node& node, model::ParamType type);

}  // namespace pipeline::config
