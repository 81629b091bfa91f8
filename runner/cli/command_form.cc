#include "runner/cli/command_form.h"

#include <CLI/CLI.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/help.h"

namespace pipeline::cli {

namespace {

OptionForm option_of(const CLI::Option& option) {
  OptionForm form;
  for (const std::string& name : option.get_snames()) form.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) form.names.push_back("--" + name);
  form.meaning = option.get_description();
  if (option.get_items_expected_max() > 0) {
    const std::string type = option.get_type_name();
    form.value = type.substr(0, type.find(':'));  // what follows are CLI11's words for checks
  }
  return form;
}

// Lines of a footer; it takes the place of the usage that can be made of the options.
std::vector<std::string> usages_of(const CLI::App& command, const CommandForm& form) {
  if (!command.get_footer().empty()) {
    std::vector<std::string> usages = base::split(command.get_footer(), '\n');
    for (std::string& usage : usages) usage = base::trim(usage);
    return usages;
  }
  std::string usage = "pipeline " + form.name;
  for (const ArgumentForm& one : form.arguments) {
    usage += one.is_required ? " " + one.name : " [" + one.name + "]";
  }
  return {usage + " [OPTIONS]"};
}

}  // namespace

CommandForm form_of(const CLI::App& command) {
  CommandForm form{command.get_name(), command.get_description(), {}, {}, {}};
  for (const CLI::Option* option : command.get_options()) {
    const bool is_hidden = option->get_group().empty();
    if (is_hidden) continue;
    if (option->get_lnames().empty()) {
      form.arguments.push_back(
          {option->get_name(true), option->get_required(), option->get_description()});
    } else {
      form.options.push_back(option_of(*option));
    }
  }
  form.usages = usages_of(command, form);
  return form;
}

std::string help_of(const CommandForm& form) {
  std::vector<HelpLine> lines;
  for (const ArgumentForm& one : form.arguments) lines.push_back({one.name, one.meaning});
  for (const OptionForm& one : form.options) {
    const std::string names = base::join(one.names, ", ");
    lines.push_back({one.value.empty() ? names : names + " " + one.value, one.meaning});
  }
  return explanation(form.description, base::join(form.usages, "\n       "), lines);
}

}  // namespace pipeline::cli
