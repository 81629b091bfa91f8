// pipeline init.
#include "pipelines/base/text.h"
#include "pipelines/templates/templates.h"
#include "runner/cli/commands.h"
#include "runner/cli/discovery.h"
#include "runner/cli/render/table.h"
#include "runner/cli/working_folder.h"
#include "stages/host/file.h"

namespace pipeline::cli {

namespace {

ExitCode list_templates(Console& console) {
  render::Table table({"template", "for"});
  for (const templates::Template& one : templates::all()) {
    table.add({{std::string(one.name)}, {std::string(one.description)}});
  }
  console.out.write(table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

base::Result<const templates::Template*> named(const std::string& name) {
  if (const templates::Template* found = templates::find(name)) return found;
  std::vector<std::string> names;
  for (const templates::Template& one : templates::all()) names.emplace_back(one.name);
  const auto near = base::nearest(name, names);
  return base::fail(base::Error(base::ErrorKind::invalid, "there is no template \"" + name + "\"")
                        .hint(near ? "did you mean \"" + *near + "\"?"
                                   : "there are: " + base::join(names, ", ")));
}

const templates::Template& suggested(const std::filesystem::path& root) {
  std::vector<std::string> entries;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
    entries.push_back(entry.path().filename().string());
  }
  return templates::suggest(entries);
}

}  // namespace

Outcome execute(const InitOptions& options, Context& context) {
  if (options.list) return list_templates(context.console);
  const WorkingFolder folder(context.directory);
  const templates::Template* chosen = &suggested(folder.root());
  if (options.pipeline_template) {
    PIPELINE_ASSIGN(chosen, named(*options.pipeline_template));
  }
  const std::filesystem::path file = folder.root() / kRootPipeline;
  if (std::filesystem::exists(file)) {
    return base::fail(base::Error(base::ErrorKind::invalid, file.string() + " exists already")
                          .hint("pipeline check validates it; remove it to start anew"));
  }
  const std::string text = templates::text_for(*chosen, folder.root().filename().string());
  PIPELINE_TRY(host::write_file(file, text));
  context.console.out.write("wrote " + file.string() + " (template " + std::string(chosen->name) +
                            ")\nedit it, then: pipeline run\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
