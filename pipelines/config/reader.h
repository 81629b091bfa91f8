// Reads a pipeline file. Pure: the caller brings the bytes. Hostile bytes are refused, never crash
// (see guard in reader.cc).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "pipelines/config/diagnostic.h"
#include "pipelines/model/pipeline.h"

namespace pipeline::config {

struct ReadResult {
  std::optional<model::Pipeline> pipeline;  // none when there is an error
  std::vector<Diagnostic> diagnostics;      // file order; may hold warnings beside a pipeline
};

// Syntax, types, unknown keys, and every rule that needs nothing but the file (names, needs,
// cycles, artifact flow, environments, unsatisfiable strategy numbers).
ReadResult read_pipeline(std::string_view text);

}  // namespace pipeline::config
