#include "pipelines/config/composition.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "pipelines/base/text.h"
#include "pipelines/config/toml_document.h"

namespace pipeline::config {

namespace {

constexpr std::size_t kMostFiles = 64;

Entry* find_entry(Entries& entries, std::string_view key) {
  const auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &*found;
}

// Puts below `own` what only `base` has; tables that both have are merged.
void lay_below(Node& own, const Node& base) {
  auto* entries = std::get_if<Entries>(&own.value);
  if (entries == nullptr || base.table() == nullptr) return;
  for (const Entry& below : *base.table()) {
    if (Entry* above = find_entry(*entries, below.key)) {
      lay_below(above->value, below.value);
    } else {
      entries->push_back(below);
      entries->back().is_inherited = true;
    }
  }
}

// ---- include -----------------------------------------------------------------------------------

class Inclusion {
 public:
  Inclusion(const ReadIncluded& read, std::vector<IncludedFile>& included, Problems& problems)
      : read_(read), included_(included), problems_(problems) {}

  void include_all(Node& root, const Node& including) {
    const Node* list = including.find("include");
    if (list == nullptr || list->list() == nullptr) return;  // its type is checked elsewhere
    for (const Node& path : *list->list()) {
      if (path.text() != nullptr) include_one(root, path);
    }
  }

 private:
  void include_one(Node& root, const Node& path) {
    const std::string& name = *path.text();
    if (std::ranges::find(open_, name) != open_.end()) {
      problems_.error(path.span, "files include each other in a circle: " +
                                     base::join(open_, " → ") + " → " + base::printable(name));
      return;
    }
    if (!seen_.insert(name).second) return;
    if (included_.size() == kMostFiles) {
      problems_.error(path.span, "more than " + std::to_string(kMostFiles) + " files are included");
      return;
    }
    auto text =
        read_ ? read_(name) : base::fail(base::ErrorKind::invalid, "nothing can be included here");
    if (!text) {
      problems_.error(
          path.span,
          "\"" + base::printable(name) + "\" cannot be included: " + text.error().to_string(),
          text.error().hint());
      return;
    }
    included_.push_back({name, *std::move(text), false});
    take(root, static_cast<std::uint32_t>(included_.size()));
  }

  void take(Node& root, std::uint32_t file) {
    Problems of_file;
    auto node = parse_toml(included_[file - 1].text, of_file);
    problems_.take_over(std::move(of_file), file);
    if (!node) return;
    node->say_file(file);
    for (Entry& entry : std::get<Entries>(node->value)) {
      if (entry.key == "template" || entry.key == "environment") {
        add(root, std::move(entry));
      } else if (entry.key != "include") {
        problems_.error(entry.span, "\"" + entry.key + "\" does not belong in an included file",
                        "included files have [template.NAME], [environment.NAME] and include");
      }
    }
    open_.push_back(included_[file - 1].path);
    include_all(root, *node);
    open_.pop_back();
  }

  // Two of one name are a mistake, wherever they stand.
  void add(Node& root, Entry tables) {
    auto& entries = std::get<Entries>(root.value);
    Entry* const here = find_entry(entries, tables.key);
    if (here == nullptr) {
      entries.push_back(std::move(tables));
      return;
    }
    auto* own = std::get_if<Entries>(&here->value.value);
    auto* theirs = std::get_if<Entries>(&tables.value.value);
    if (own == nullptr || theirs == nullptr) return;
    for (Entry& one : *theirs) {
      if (find_entry(*own, one.key) != nullptr) {
        problems_.error(one.span, "there are two of " + tables.key + "." + one.key);
      } else {
        own->push_back(std::move(one));
      }
    }
  }

  const ReadIncluded& read_;
  std::vector<IncludedFile>& included_;
  Problems& problems_;
  std::set<std::string> seen_;
  std::vector<std::string> open_;
};

// ---- extends -----------------------------------------------------------------------------------

class Extension {
 public:
  Extension(const Node& root, Problems& problems) : problems_(problems) {
    const Node* templates = root.find("template");
    if (templates == nullptr || templates->table() == nullptr) return;
    for (const Entry& entry : *templates->table()) {
      templates_.emplace(entry.key, &entry.value);
      names_.push_back(entry.key);
    }
  }

  // Lays below the table what it extends, and what that extends.
  void complete(Node& table) {
    std::vector<std::string> open;
    const Node* extends = table.find("extends");
    // What is laid below may bring an `extends` of its own; only the table's own one is looked at.
    for (std::optional<Node> next = extends == nullptr ? std::nullopt : std::optional(*extends);
         next && next->text() != nullptr;) {
      const Node* base = look_up(*next, open);
      if (base == nullptr) return;
      open.push_back(*next->text());
      const Node* further = base->find("extends");
      next = further == nullptr ? std::nullopt : std::optional(*further);
      lay_below(table, *base);
    }
  }

 private:
  const Node* look_up(const Node& name, const std::vector<std::string>& open) {
    if (std::ranges::find(open, *name.text()) != open.end()) {
      problems_.error(name.span, "templates extend each other in a circle: " +
                                     base::join(open, " → ") + " → " + *name.text());
      return nullptr;
    }
    const auto found = templates_.find(*name.text());
    if (found != templates_.end()) return found->second;
    auto hint = problems_.did_you_mean(*name.text(), names_);
    if (!hint) hint = "a template is a table [template.NAME], here or in an included file";
    problems_.error(name.span,
                    "there is no template named \"" + base::printable(*name.text()) + '"',
                    std::move(hint));
    return nullptr;
  }

  Problems& problems_;
  std::map<std::string, const Node*> templates_;
  std::vector<std::string> names_;
};

void extend_stages(Node& root, Problems& problems) {
  Entry* const stages = find_entry(std::get<Entries>(root.value), "stage");
  auto* list = stages == nullptr ? nullptr : std::get_if<List>(&stages->value.value);
  if (list == nullptr) return;
  Extension extension(root, problems);
  for (Node& stage : *list) extension.complete(stage);
}

}  // namespace

std::map<std::string, std::string> included_texts(const std::vector<IncludedFile>& files) {
  std::map<std::string, std::string> texts;
  for (const IncludedFile& file : files)
    if (!file.is_servers) texts.emplace(file.path, file.text);
  return texts;
}

std::optional<Node> compose(std::string_view text, const Beside& beside,
                            std::vector<IncludedFile>& included, Problems& problems) {
  auto root = parse_toml(text, problems);
  if (!root) return std::nullopt;
  // Included tables are put into the root, but the list of files is the main file's own.
  const Node main = {.value = root->find("include") == nullptr
                                  ? Entries{}
                                  : Entries{{"include", {}, *root->find("include")}},
                     .span = root->span};
  Inclusion(beside.included, included, problems).include_all(*root, main);
  put_server_environments(beside.environments, *root, included, problems);
  extend_stages(*root, problems);
  return root;
}

}  // namespace pipeline::config
