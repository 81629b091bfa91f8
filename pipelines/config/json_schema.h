// The JSON Schema (draft 2020-12) of a pipeline file, generated from the declarations that validate
// it.
#pragma once

#include <string>

namespace pipeline::config {

std::string json_schema();

}  // namespace pipeline::config
