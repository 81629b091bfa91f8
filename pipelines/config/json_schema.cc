#include "pipelines/config/json_schema.h"

#include <boost/json/serialize.hpp>

#include "pipelines/config/tables.h"

namespace pipeline::config {

std::string json_schema() {
  Definitions definitions;
  boost::json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                             {"title", "pipeline file"}};
  for (auto& [key, value] : pipeline_table().schema_body(definitions)) schema[key] = value;
  boost::json::object defs;
  for (auto& [name, definition] : definitions) defs[name] = std::move(definition);
  schema["$defs"] = std::move(defs);
  return boost::json::serialize(schema);
}

}  // namespace pipeline::config
