#include "runner/cli/chosen_tree.h"

#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "runner/cli/discovery.h"
#include "runner/cli/split_files.h"
#include "runner/cli/tree_pipelines.h"
#include "stages/source/location.h"

namespace pipeline::cli {

namespace {

// "fetching … 1200 of 5000 objects, 3.4 MiB" on a line of its own that is repainted; gone at the
// end.
class FetchLine {
 public:
  FetchLine(const source::Location& location, Terminal& terminal) : terminal_(terminal) {
    const auto* remote = std::get_if<source::RemoteLocation>(&location);
    if (remote == nullptr) return;
    location_ = base::printable(remote->key);
    if (!terminal_.takes_escapes()) terminal_.write("fetching " + location_ + "\n");
  }
  ~FetchLine() {
    if (shown_) terminal_.write("\r\x1b[K");
  }
  FetchLine(const FetchLine&) = delete;
  FetchLine& operator=(const FetchLine&) = delete;

  void show(const source::FetchProgress& progress) {
    if (!terminal_.takes_escapes()) return;
    const std::string line = "fetching " + location_ + "  " +
                             std::to_string(progress.received_objects) + " of " +
                             std::to_string(progress.total_objects) + " objects, " +
                             base::format_size(progress.received_bytes);
    terminal_.write("\r" + base::elide(line, terminal_.width() - 1) + "\x1b[K");
    shown_ = true;
  }

 private:
  std::string location_;
  Terminal& terminal_;
  bool shown_ = false;
};

base::Result<source::Revision> locate(const TreeChoice& choice, source::Source& source,
                                      Context& context) {
  if (!choice.repository && choice.ref.empty()) return source.snapshot(context.directory);
  const std::string location =
      choice.repository.value_or(WorkingFolder(context.directory).root().string());
  // What cannot be fetched is refused before it is said to be fetched.
  PIPELINE_ASSIGN(const source::Location where, source::parse_location(location));
  FetchLine line(where, context.console.err);
  return source.fetch(location, choice.ref,
                      [&line](const source::FetchProgress& progress) { line.show(progress); });
}

void warn(const source::Revision& revision, Console& console) {
  std::vector<std::string> warnings = revision.warnings;
  if (!revision.submodules.empty()) {
    warnings.push_back("submodules and nested repositories are empty directories to every job: " +
                       base::join(revision.submodules, ", "));
  }
  for (const std::string& warning : warnings) {
    console.err.write(render::paint("warning:", render::Tint::warn, console.err_color) + " " +
                      base::printable(warning) + "\n");
  }
}

// A FILE.toml of the working tree is read as it lies there: it may be ignored by git, or be tried
// from elsewhere.
base::Result<PipelineText> find_source(const TreeChoice& choice, source::Source& source,
                                       const source::Revision& revision,
                                       const PipelineLookup& lookup, Context& context) {
  const bool is_file = choice.pipeline && names_a_file(*choice.pipeline);
  if (is_file && !choice.repository && choice.ref.empty()) {
    return WorkingFolder(context.directory).read(*choice.pipeline);
  }
  if (is_file) return read_from(source, revision, *choice.pipeline);
  return lookup.find(choice.pipeline);
}

plan::Facts facts_of(const source::Revision& revision, const TreeChoice& choice) {
  plan::Facts facts;
  facts.branch = revision.branch;
  facts.tag = revision.tag;
  facts.commit = revision.commit;
  facts.tree = revision.tree;
  facts.dirty = revision.dirty;
  facts.params = choice.params;
  return facts;
}

}  // namespace

base::Result<ChosenTree> choose_tree(
    const TreeChoice& choice, Context& context,
    const std::optional<config::ServerEnvironments>& environments) {
  PIPELINE_ASSIGN(source::Source* const source, context.services.source());
  ChosenTree chosen;
  PIPELINE_ASSIGN(chosen.revision, locate(choice, *source, context));
  warn(chosen.revision, context.console);
  PIPELINE_ASSIGN(PipelineLookup lookup, lookup_in(context.services, chosen.revision));
  if (environments) lookup.beside.environments = *environments;
  PIPELINE_ASSIGN(chosen.source, find_source(choice, *source, chosen.revision, lookup, context));
  PIPELINE_ASSIGN(config::ReadResult read, parse_pipeline(chosen.source, lookup, context.console));
  chosen.pipeline = *std::move(read.pipeline);
  chosen.origins = std::move(read.origins);
  chosen.environment_origins = std::move(read.environment_origins);
  chosen.server_environments = lookup.beside.environments;
  chosen.files.push_back(chosen.source.file);
  for (const config::IncludedFile& file : read.included) chosen.files.push_back(file.path);
  chosen.included = config::included_texts(read.included);
  chosen.facts = facts_of(chosen.revision, choice);
  PIPELINE_ASSIGN(chosen.facts.split_files,
                  split_files_of(chosen.pipeline, chosen.revision, context.services));
  return chosen;
}

}  // namespace pipeline::cli
