// pipeline check, pipeline schema.
#include "pipelines/config/json_schema.h"
#include "pipelines/config/reader.h"
#include "runner/cli/commands.h"
#include "runner/cli/discovery.h"
#include "runner/cli/working_folder.h"
#include "runner/settings/settings_file.h"

namespace pipeline::cli {

namespace {

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string praise(const std::string& file, const model::Pipeline& pipeline) {
  std::string text = file + ": ok, " + counted(pipeline.stages.size(), "stage");
  if (!pipeline.environments.empty()) {
    text += ", " + counted(pipeline.environments.size(), "environment");
  }
  return text + "\n";
}

// Whether the file is valid. What a check finds is its result, so it goes to standard output.
bool check(const PipelineText& source, const PipelineLookup& lookup, Format format,
           Console& console) {
  const config::ReadResult read = read_with_children(source, lookup);
  const config::SourceTexts sources = read.sources(source.file, source.text);
  if (format == Format::json) {
    console.out.write(config::to_json(read.diagnostics, sources) + "\n");
    return read.pipeline.has_value();
  }
  if (!read.diagnostics.empty()) {
    console.out.write(config::render(read.diagnostics, sources, console.out_color));
  }
  if (read.pipeline) console.out.write(praise(source.file, *read.pipeline));
  return read.pipeline.has_value();
}

base::Result<std::vector<PipelineText>> sources_of(const CheckOptions& options,
                                                   const WorkingFolder& folder) {
  std::vector<PipelineText> sources;
  for (const auto& file : options.files) {
    PIPELINE_ASSIGN(PipelineText source, folder.read(file));
    sources.push_back(std::move(source));
  }
  if (!options.files.empty()) return sources;
  const std::vector<std::string> found = folder.pipeline_files();
  if (found.empty()) {
    // Says the same as every other command that finds none.
    PIPELINE_TRY(choose_pipeline(found, std::nullopt));
  }
  for (const std::string& file : found) {
    PIPELINE_ASSIGN(PipelineText source, folder.read_found(file));
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace

Outcome execute(const CheckOptions& options, Context& context) {
  const WorkingFolder folder(context.directory);
  PIPELINE_ASSIGN(const auto sources, sources_of(options, folder));
  bool all_valid = true;
  for (const PipelineText& source : sources) {
    all_valid = check(source, folder.lookup(), options.format, context.console) && all_valid;
  }
  return all_valid ? ExitCode::success : ExitCode::wrong;
}

Outcome execute(const SchemaOptions& options, Context& context) {
  const std::string schema =
      options.of_server ? settings::settings_schema() : config::json_schema();
  context.console.out.write(schema + "\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
