// Which agents of a server may do something: the `agent` tables of stages and environments. A plain
// value.
#pragma once

#include <string>
#include <vector>

namespace pipeline::model {

struct AgentSpec {
  std::vector<std::string> labels;  // an agent needs all of them
  bool operator==(const AgentSpec&) const = default;
};

}  // namespace pipeline::model
