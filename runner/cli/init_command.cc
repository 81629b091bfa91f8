// pipeline init.
#include "pipelines/base/text.h"
#include "pipelines/templates/templates.h"
#include "runner/cli/commands.h"
#include "runner/cli/discovery.h"
#include "runner/cli/push_hook.h"
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

std::vector<templates::Fit> fitting(const std::filesystem::path& root) {
  std::vector<std::string> entries;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
    entries.push_back(entry.path().filename().string());
  }
  return templates::fitting(entries);
}

// Why this template, and what else could have been meant.
std::string reasons(const std::vector<templates::Fit>& found) {
  if (found.empty()) return "found no build file that it knows; pipeline init --list shows all\n";
  std::string text = "found " + std::string(found.front().mark) + "\n";
  if (found.size() == 1) return text;
  std::vector<std::string> others;
  for (std::size_t i = 1; i < found.size(); ++i) {
    others.push_back(std::string(found[i].mark) + " (" + std::string(found[i].one->name) + ")");
  }
  return text + "also found " + base::join(others, ", ") + "\nfor another: rm " + kRootPipeline +
         " && pipeline init " + std::string(found[1].one->name) + "\n";
}

Outcome install_hook(Context& context) {
  PIPELINE_ASSIGN(std::string text, install_push_hook(context.directory));
  if (WorkingFolder(context.directory).pipeline_files().empty()) {
    text += "there is no pipeline here yet; pipeline init writes one\n";
  }
  context.console.out.write(text);
  return ExitCode::success;
}

}  // namespace

Outcome execute(const InitOptions& options, Context& context) {
  if (options.list) return list_templates(context.console);
  if (options.hook) return install_hook(context);
  const WorkingFolder folder(context.directory);
  const std::vector<templates::Fit> found = fitting(folder.root());
  const templates::Template* chosen = found.empty() ? &templates::all().back() : found.front().one;
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
                            ")\n" + (options.pipeline_template ? "" : reasons(found)) +
                            "edit it, then: pipeline run\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
