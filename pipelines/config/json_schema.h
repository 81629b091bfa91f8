// The JSON Schema (draft 2020-12) of a pipeline file, generated from the declarations that validate
// it; the same for any other file that is declared with table.h.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/config/table.h"

namespace pipeline::config {

std::string json_schema();
std::string json_schema_of(const TableShape& root, std::string_view title);

}  // namespace pipeline::config
