// pipeline toggle list, show and set.
#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/environments.h"
#include "runner/cli/local_toggles.h"
#include "runner/cli/render/table.h"
#include "runner/cli/run_place.h"
#include "runner/cli/server_toggles.h"
#include "runner/cli/toggle_board.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using toggles::EnvironmentToggles;
using toggles::ToggleView;

constexpr const char* kAsFile = "as its file says";

std::string ago(base::TimePoint at, base::TimePoint now) {
  return base::format_elapsed(std::chrono::duration_cast<base::Duration>(now - at)) + " ago";
}

std::string origin_of(const ToggleView& toggle, std::uint64_t release, base::TimePoint now) {
  if (!toggle.setting) return "release " + std::to_string(release);
  return "set by " + base::printable(toggle.setting->by) + " " + ago(toggle.setting->at, now);
}

render::Cell value_of(const ToggleView& toggle, std::uint64_t release) {
  if (toggle.is_in_file) return {base::printable(toggle.value)};
  return {"no toggle of release " + std::to_string(release), render::Tint::bad};
}

render::Cell expiry_of(const ToggleView& toggle) {
  const std::string expiry = base::printable(toggle.expiry);
  if (toggle.is_stale) return {expiry + ", stale", render::Tint::bad};
  return {expiry};
}

std::string table_of(const std::vector<EnvironmentToggles>& all, base::TimePoint now,
                     const Console& console) {
  render::Table table({"environment", "toggle", "serves", "as of", "owner", "expires"});
  for (const EnvironmentToggles& environment : all)
    for (const ToggleView& toggle : environment.toggles)
      table.add({{to_string(environment.key)},
                 {base::printable(toggle.key)},
                 value_of(toggle, environment.release),
                 {origin_of(toggle, environment.release, now)},
                 {base::printable(toggle.owner)},
                 expiry_of(toggle)});
  return table.empty() ? "" : table.render(console.out_color, console.out.width());
}

std::string problems_of(const std::vector<EnvironmentToggles>& all) {
  std::string text;
  for (const EnvironmentToggles& environment : all)
    if (!environment.problem.empty())
      text += to_string(environment.key) + ": " + base::printable(environment.problem) + "\n";
  return text;
}

Result<std::vector<EnvironmentToggles>> chosen(ToggleBoard& board,
                                               const std::optional<std::string>& name) {
  if (!name) return board.all();
  PIPELINE_ASSIGN(const auto key, board.find(*name));
  PIPELINE_ASSIGN(auto all, board.all());
  std::erase_if(all, [&](const EnvironmentToggles& one) { return one.key != key; });
  return all;
}

// Only that toggle, where there is one.
Result<std::vector<EnvironmentToggles>> of_key(std::vector<EnvironmentToggles> all,
                                               const std::string& key) {
  std::vector<std::string> keys;
  for (EnvironmentToggles& environment : all) {
    for (const ToggleView& toggle : environment.toggles) keys.push_back(toggle.key);
    std::erase_if(environment.toggles, [&](const ToggleView& one) { return one.key != key; });
  }
  std::erase_if(all, [](const EnvironmentToggles& one) { return one.toggles.empty(); });
  if (!all.empty()) return all;
  const auto near = base::nearest(key, keys);
  return base::fail(
      Error(ErrorKind::invalid, "no environment is served a toggle \"" + base::printable(key) + '"')
          .hint(near ? "did you mean \"" + *near + "\"?" : "pipeline toggle list shows all"));
}

void print_json(const std::vector<EnvironmentToggles>& all, Console& console) {
  for (const EnvironmentToggles& one : all)
    console.out.write(boost::json::serialize(toggles::json_of(one)) + "\n");
}

std::string details_of(const EnvironmentToggles& environment,
                       const std::vector<store::ToggleChange>& changes, base::TimePoint now) {
  const ToggleView& toggle = environment.toggles.front();
  std::string text = "\n" + to_string(environment.key);
  if (!toggle.variants.empty())
    text += ", variants " + base::printable(base::join(toggle.variants, ", "));
  text += "\n";
  for (const store::ToggleChange& change : changes)
    text += "  " + ago(change.at, now) + "  " + base::printable(change.by) + "  " +
            base::printable(change.value.value_or(kAsFile)) + "\n";
  return text;
}

std::string before(const std::optional<toggle::Setting>& setting) {
  std::string text = ", was ";
  if (!setting) return text.append(kAsFile);
  return text.append("set to " + base::printable(setting->value) + " by " +
                     base::printable(setting->by));
}

}  // namespace

Result<TogglePlace> open_toggle_place(const ServerChoice& choice, const Context& context) {
  auto board = is_of_server(choice) ? server_toggles(choice) : local_toggles(context);
  if (!board) return base::fail(board.error());
  return TogglePlace{*std::move(board), commands_of(choice)};
}

Outcome execute(const ToggleListOptions& options, Context& context) {
  PIPELINE_ASSIGN(const TogglePlace place, open_toggle_place(options.server, context));
  PIPELINE_ASSIGN(const auto all, chosen(*place.board, options.environment));
  Console& console = context.console;
  if (options.format == Format::json) {
    print_json(all, console);
    return ExitCode::success;
  }
  const std::string table = table_of(all, context.services.clock().now(), console);
  const std::string problems = problems_of(all);
  console.out.write(table + problems);
  if (table.empty() && problems.empty())
    console.out.write(
        "no toggles; `toggles` of an environment names the flag file that its releases carry\n");
  return ExitCode::success;
}

Outcome execute(const ToggleShowOptions& options, Context& context) {
  PIPELINE_ASSIGN(const TogglePlace place, open_toggle_place(options.server, context));
  PIPELINE_ASSIGN(auto environments, chosen(*place.board, options.environment));
  PIPELINE_ASSIGN(const auto all, of_key(std::move(environments), options.key));
  Console& console = context.console;
  if (options.format == Format::json) {
    print_json(all, console);
    return ExitCode::success;
  }
  const base::TimePoint now = context.services.clock().now();
  std::string text = table_of(all, now, console);
  for (const EnvironmentToggles& one : all) {
    PIPELINE_ASSIGN(const auto changes, place.board->history(one.key, options.key));
    text += details_of(one, changes, now);
  }
  console.out.write(text);
  return ExitCode::success;
}

Outcome execute(const ToggleSetOptions& options, Context& context) {
  PIPELINE_ASSIGN(const TogglePlace place, open_toggle_place(options.server, context));
  PIPELINE_ASSIGN(const auto key, place.board->find(options.environment));
  const std::string what = to_string(key) + ": " + base::printable(options.key);
  if (!options.value) {
    PIPELINE_ASSIGN(const toggle::Setting setting, place.board->clear(key, options.key));
    context.console.out.write(what + " is " + kAsFile + " again" + before(setting) + "\n");
    return ExitCode::success;
  }
  PIPELINE_ASSIGN(const auto setting, place.board->set(key, options.key, *options.value));
  context.console.out.write(
      what + " is set to " + base::printable(*options.value) + before(setting) + "\n" +
      place.commands.command("toggle set", options.key + " --clear --env " + to_string(key)) +
      " gives it back to its file\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
