#include "runner/cli/completion_point.h"

#include <algorithm>
#include <array>

#include "pipelines/base/text.h"
#include "runner/cli/completion.h"
#include "runner/cli/grammar.h"

namespace pipeline::cli {

namespace {

const OptionForm* find_option(const CommandForm& form, const std::string& name) {
  const auto found = std::ranges::find_if(form.options, [&](const OptionForm& option) {
    return std::ranges::find(option.names, name) != option.names.end();
  });
  return found == form.options.end() ? nullptr : &*found;
}

// What help calls an argument, or an option's value, says what it is.
Candidates candidates_called(const std::string& name) {
  struct Meaning {
    std::string_view name;
    Candidates candidates;
  };
  static constexpr std::array<Meaning, 9> kMeanings = {{{"RUN", Candidates::runs},
                                                        {"JOB", Candidates::jobs},
                                                        {"STAGE", Candidates::stages},
                                                        {"TEMPLATE", Candidates::templates},
                                                        {"ENV", Candidates::environments},
                                                        {"NAME", Candidates::pipelines},
                                                        {"FILE", Candidates::files},
                                                        {"DIR", Candidates::folders},
                                                        {"URL", Candidates::folders}}};
  const auto found = std::ranges::find(kMeanings, name, &Meaning::name);
  return found == kMeanings.end() ? Candidates::none : found->candidates;
}

// Whose first word says what the others are.
bool has_actions(const std::string& command) {
  return command == "artifacts" || command == "secret" || command == "toggle" ||
         command == "repo" || command == "token";
}

void set_artifacts(CompletionPoint& point) {
  const std::vector<std::string>& given = point.arguments;
  const bool is_named = !given.empty() && (given[0] == "get" || given[0] == "list");
  if (given.empty()) point.words = {"list", "get"};
  if (given.size() == (is_named ? 1U : 0U)) point.candidates = Candidates::runs;
  if (given.size() == 2 && given[0] == "get") point.candidates = Candidates::artifacts;
}

void set_secret(CompletionPoint& point) {
  const std::vector<std::string>& given = point.arguments;
  if (given.empty()) point.words = {"set", "list", "remove"};
  if (given.size() == 1 && given[0] != "list") point.candidates = Candidates::secrets;
}

void set_toggle(CompletionPoint& point) {
  if (point.arguments.empty()) point.words = {"list", "show", "set"};
  if (point.arguments.size() == 2 && point.arguments[0] == "set") point.words = {"off", "on"};
}

// What the others name only a server knows.
void set_action(CompletionPoint& point, const std::string& command) {
  if (command == "secret") return set_secret(point);
  if (command == "artifacts") return set_artifacts(point);
  if (command == "toggle") return set_toggle(point);
  if (point.arguments.empty()) point.words = {"add", "list", "remove"};
}

void set_argument(CompletionPoint& point, const CommandForm& form) {
  const std::size_t index = point.arguments.size();
  if (has_actions(form.name)) {
    set_action(point, form.name);
  } else if (form.name == "completion" && index == 0) {
    point.words = shell_names();
  } else if (index < form.arguments.size()) {
    point.candidates = candidates_called(form.arguments[index].name);
  } else if (form.name == "check") {
    point.candidates = Candidates::files;  // any number of them
  }
}

void set_value(CompletionPoint& point, const std::string& option, const std::string& value) {
  if (value.find('|') != std::string::npos) {
    point.words = base::split(value, '|');
  } else if (option != "--secret-from-env" && option != "--history") {
    point.candidates = candidates_called(value);
  }
}

// Both name a run's job, by the words that help uses for stages.
void narrow(CompletionPoint& point) {
  if (point.candidates == Candidates::stages &&
      (point.command == "approve" || point.command == "reject")) {
    point.candidates = Candidates::jobs;
  }
}

}  // namespace

CompletionPoint completion_point(const std::vector<std::string>& before) {
  CompletionPoint point;
  const auto is_word = [](const std::string& word) { return !word.starts_with('-'); };
  const auto command = std::ranges::find_if(before, is_word);
  if (command == before.end() || *command == "help") {
    point.words = command_names();
    return point;
  }
  point.command = *command;
  const auto form = grammar_of(point.command);
  if (!form) return point;
  for (auto word = command + 1; word != before.end(); ++word) {
    if (is_word(*word)) {
      point.arguments.push_back(*word);
      continue;
    }
    const OptionForm* option = find_option(*form, *word);
    if (option == nullptr || option->value.empty()) continue;
    if (++word != before.end()) continue;
    set_value(point, option->names.back(), option->value);
    return point;
  }
  set_argument(point, *form);
  narrow(point);
  return point;
}

}  // namespace pipeline::cli
