// Reads a pipeline file. Pure: the caller brings the bytes. Hostile bytes are refused, never crash
// (see guard in reader.cc).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "pipelines/config/composition.h"
#include "pipelines/config/diagnostic.h"
#include "pipelines/config/origin.h"
#include "pipelines/model/pipeline.h"

namespace pipeline::config {

struct ReadResult {
  std::optional<model::Pipeline> pipeline;  // none when there is an error
  std::vector<Diagnostic> diagnostics;      // file order; may hold warnings beside a pipeline
  std::vector<IncludedFile> included;       // SourceSpan::file − 1 is the index
  std::vector<StageOrigins> origins;        // of the values of each stage, file order
  std::vector<EnvironmentOrigins> environment_origins;  // of those of each environment

  // What the diagnostics speak of, for diagnostic.h. Views into this and the arguments.
  SourceTexts sources(std::string_view file, std::string_view text) const;
};

// Syntax, types, unknown keys, and every rule that needs nothing but the files (names, needs,
// cycles, artifact flow, environments, unsatisfiable strategy numbers).
ReadResult read_pipeline(std::string_view text, const Beside& beside = {});

}  // namespace pipeline::config
