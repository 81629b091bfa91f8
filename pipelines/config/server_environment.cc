#include "pipelines/config/server_environment.h"

#include <algorithm>
#include <utility>

#include "pipelines/base/text.h"
#include "pipelines/config/composition.h"
#include "pipelines/config/rules.h"
#include "pipelines/config/tables.h"
#include "pipelines/config/toml_document.h"

namespace pipeline::config {

namespace {

constexpr std::string_view kEnvironment = "environment";

std::string table_name(const std::string& name) {
  return "[environment." + name + "]";
}

// That there is the one table, and nothing else.
void expect_only(const Node& root, const std::string& name, Problems& problems) {
  const std::string hint = "it holds " + table_name(name) + ", as a pipeline has it";
  for (const Entry& entry : *root.table())
    if (entry.key != kEnvironment)
      problems.error(entry.span,
                     '"' + base::printable(entry.key) + "\" does not belong in a definition", hint);
  const Node* const environments = root.find(kEnvironment);
  if (environments == nullptr || environments->find(name) == nullptr) {
    problems.error({.line = 1, .column = 1}, "there is no table " + table_name(name), hint);
  }
  if (environments == nullptr || environments->table() == nullptr) return;
  for (const Entry& entry : *environments->table())
    if (entry.key != name)
      problems.error(entry.span, "this defines \"" + name + "\" alone, not \"" +
                                     base::printable(entry.key) + '"');
}

// The table of environments of a root; null when it has something else of that name.
Entries* environments_of(Node& root) {
  auto& entries = std::get<Entries>(root.value);
  auto found = std::ranges::find(entries, kEnvironment, &Entry::key);
  if (found == entries.end()) {
    entries.push_back({std::string(kEnvironment), {}, Node{Entries{}, {}}});
    found = std::prev(entries.end());
  }
  return std::get_if<Entries>(&found->value.value);
}

// Whether a place is in a definition.
bool is_servers(base::SourceSpan span, const std::vector<IncludedFile>& files) {
  return span.file > 0 && span.file <= files.size() && files[span.file - 1].is_servers;
}

}  // namespace

std::vector<Diagnostic> check_server_environment(const std::string& name, std::string_view text) {
  Problems problems;
  const auto root = parse_toml(text, problems);
  if (root) {
    expect_only(*root, name, problems);
    Draft draft;
    draft.toggles.emplace();  // whether a pipeline names a file for all it alone can tell
    if (const Node* const environments = root->find(kEnvironment)) {
      read_environments(*environments, draft, problems);
      check_environments(draft, problems);
    }
  }
  return std::move(problems).take();
}

void put_server_environments(const ServerEnvironments& environments, Node& root,
                             std::vector<IncludedFile>& files, Problems& problems) {
  if (environments.empty()) return;
  Entries* const ours = environments_of(root);
  if (ours == nullptr) return;  // its type is checked elsewhere
  for (const auto& [name, text] : environments) {
    files.push_back({"server: environment " + name, text, true});
    const auto file = static_cast<std::uint32_t>(files.size());
    Problems of_file;
    auto definition = parse_toml(text, of_file);
    if (definition) expect_only(*definition, name, of_file);
    const bool is_good = !of_file.has_errors();
    problems.take_over(std::move(of_file), file);
    if (!is_good) continue;
    definition->say_file(file);
    Entries* const tables = environments_of(*definition);
    std::erase_if(*ours, [&key = name](const Entry& entry) { return entry.key == key; });
    ours->push_back(std::move(tables->front()));
  }
}

void settle_strategies(const std::vector<IncludedFile>& files, Draft& draft, Problems& problems) {
  for (std::size_t i = 0; i < draft.pipeline.environments.size(); ++i) {
    const Node& node = *draft.environment_nodes[i];
    const std::string& name = draft.pipeline.environments[i].name;
    if (!is_servers(draft.pipeline.environments[i].span, files) || node.find("strategy") == nullptr)
      continue;
    for (model::Stage& stage : draft.pipeline.stages) {
      auto* const work = std::get_if<model::DeployWork>(&stage.work);
      if (work == nullptr || work->environment != name || !work->strategy) continue;
      problems.warning(work->strategy->span,
                       "the server says how \"" + name + "\" is deployed to: this does not count");
      work->strategy.reset();
    }
  }
}

}  // namespace pipeline::config
