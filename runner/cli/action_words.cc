#include "runner/cli/action_words.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "pipelines/base/text.h"
#include "runner/cli/option_groups.h"

namespace pipeline::cli {

namespace {

// "set, list and remove"
std::string in_a_row(const std::vector<ActionWords::Action>& actions, const std::string& last) {
  std::vector<std::string> names;
  names.reserve(actions.size());
  for (const ActionWords::Action& action : actions) names.push_back(action.name);
  const std::string end = names.back();
  names.pop_back();
  return base::join(names, ", ") + " " + last + " " + end;
}

}  // namespace

void ActionWords::declare(CLI::App& command, std::vector<Word> words) {
  words_ = std::move(words);
  command.add_option("ACTION", action_)->group(kHidden);
  for (std::size_t i = 0; i < words_.size(); ++i)
    command.add_option(words_[i].label, written_.at(i), words_[i].help);
}

const std::string& ActionWords::choose(const CLI::App& command, const std::vector<Action>& actions,
                                       const std::string& usual) {
  if (action_.empty()) action_ = usual;
  if (action_.empty()) throw CLI::RequiredError(in_a_row(actions, "or"));
  const auto chosen = std::ranges::find(actions, action_, &Action::name);
  if (chosen == actions.end())
    throw CLI::ValidationError(command.get_name(),
                               "'" + action_ + "' is none of " + in_a_row(actions, "and"));
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (i < chosen->words && written_.at(i).empty()) throw CLI::RequiredError(words_[i].label);
    if (i >= chosen->words + chosen->optional) refuse(i);
  }
  return action_;
}

void ActionWords::refuse_second() {
  refuse(1);
}

void ActionWords::refuse(std::size_t index) {
  surplus_ = written_.at(index);
  if (!surplus_.empty()) throw CLI::ExtrasError({surplus_});
}

}  // namespace pipeline::cli
