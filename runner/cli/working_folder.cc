#include "runner/cli/working_folder.h"

#include <algorithm>

#include "runner/cli/discovery.h"
#include "runner/cli/user_mistake.h"

namespace pipeline::cli {

namespace {

std::filesystem::path root_of(const std::filesystem::path& directory) {
  std::error_code ignored;
  for (std::filesystem::path here = directory;; here = here.parent_path()) {
    if (std::filesystem::exists(here / ".git", ignored)) return here;
    if (here == here.parent_path()) return directory;
  }
}

// Whether what the file is in the end lies in the directory, by links that mean the same wherever
// the tree is laid; also when it is not there.
bool stays_in(const std::filesystem::path& directory, const std::filesystem::path& file) {
  std::error_code error;
  for (const auto& link : {file, file.parent_path()}) {
    if (std::filesystem::read_symlink(link, error).is_absolute()) return false;
  }
  const auto top = std::filesystem::canonical(directory, error);
  const auto target = std::filesystem::weakly_canonical(file, error);
  return std::mismatch(top.begin(), top.end(), target.begin(), target.end()).first == top.end();
}

std::string counted_errors(const std::vector<config::Diagnostic>& diagnostics) {
  const auto errors = std::count_if(diagnostics.begin(), diagnostics.end(), [](const auto& one) {
    return one.severity == config::Severity::error;
  });
  return std::to_string(errors) + (errors == 1 ? " problem" : " problems");
}

}  // namespace

WorkingFolder::WorkingFolder(std::filesystem::path directory)
    : directory_(std::move(directory)), root_(root_of(directory_)) {}

bool WorkingFolder::is_repository() const {
  std::error_code ignored;
  return std::filesystem::exists(root_ / ".git", ignored);
}

std::vector<std::string> WorkingFolder::pipeline_files() const {
  std::vector<std::string> files;
  std::error_code error;
  if (std::filesystem::is_regular_file(root_ / kRootPipeline, error)) {
    files.emplace_back(kRootPipeline);
  }
  // A folder that cannot be listed is a folder without pipelines.
  for (const auto& entry : std::filesystem::directory_iterator(root_ / kPipelineFolder, error)) {
    files.push_back(std::string(kPipelineFolder) + "/" + entry.path().filename().string());
  }
  return cli::pipeline_files(files);
}

base::Result<PipelineText> WorkingFolder::read_chosen(
    const std::optional<std::string>& pipeline) const {
  if (pipeline && names_a_file(*pipeline)) return read(*pipeline);
  PIPELINE_ASSIGN(const std::string file, choose_pipeline(pipeline_files(), pipeline));
  return read_found(file);
}

base::Result<PipelineText> WorkingFolder::read_found(const std::string& file) const {
  if (!stays_in(root_, root_ / file)) {
    return base::fail(base::Error(base::ErrorKind::invalid,
                                  file + " is a symlink that leads out of the repository")
                          .hint("commit the file itself, or link to one in the repository"));
  }
  PIPELINE_ASSIGN(PipelineText found, read(root_ / file));
  found.file = file;
  return found;
}

base::Result<PipelineText> WorkingFolder::read(const std::filesystem::path& file) const {
  auto text = read_named_file(directory_ / file);
  if (!text) {
    return base::fail(
        std::move(text).error().hint("pipeline init writes a starter to pipeline.toml"));
  }
  return PipelineText{file.string(), *std::move(text)};
}

PipelineLookup WorkingFolder::lookup() const {
  return {.find = [folder = *this](
                      const std::optional<std::string>& name) { return folder.read_chosen(name); },
          .beside = {
              .included = [folder = *this](const std::string& path) -> base::Result<std::string> {
                PIPELINE_ASSIGN(PipelineText found, folder.read_found(path));
                return std::move(found.text);
              }}};
}

config::ReadResult read_with_children(const PipelineText& source, const PipelineLookup& lookup) {
  config::ReadResult read = config::read_pipeline(source.text, lookup.beside);
  if (!read.pipeline) return read;
  auto wrong = check_children(source.file, *read.pipeline, lookup);
  if (wrong.empty()) return read;
  read.pipeline.reset();
  read.diagnostics.insert(read.diagnostics.end(), std::make_move_iterator(wrong.begin()),
                          std::make_move_iterator(wrong.end()));
  return read;
}

base::Result<config::ReadResult> parse_pipeline(const PipelineText& source,
                                                const PipelineLookup& lookup, Console& console) {
  config::ReadResult read = read_with_children(source, lookup);
  if (!read.diagnostics.empty()) {
    console.err.write(config::render(read.diagnostics, read.sources(source.file, source.text),
                                     console.err_color));
  }
  if (read.pipeline) return read;
  return base::fail(
      base::Error(base::ErrorKind::invalid,
                  source.file + " has " + counted_errors(read.diagnostics) + ", nothing was run")
          .hint("pipeline check " + source.file + " looks again"));
}

}  // namespace pipeline::cli
