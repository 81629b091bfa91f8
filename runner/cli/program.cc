#include "runner/cli/program.h"

#include "pipelines/base/text.h"
#include "runner/cli/command_line.h"
#include "runner/cli/commands.h"

namespace pipeline::cli {

namespace {

void print(const base::Error& error, Console& console) {
  const auto line = [&](std::string_view label, render::Tint tint, const std::string& text) {
    console.err.write(render::paint(label, tint, console.err_color) + " " + base::printable(text) +
                      "\n");
  };
  line("error:", render::Tint::bad, error.to_string());
  if (error.hint()) line("hint:", render::Tint::bold, *error.hint());
}

base::Result<std::filesystem::path> current_directory() {
  std::error_code error;
  auto directory = std::filesystem::current_path(error);
  if (error) {
    return base::fail(base::Error::from_errno(error.value(), "tell the current directory")
                          .hint("it may have been removed: cd somewhere else"));
  }
  return directory;
}

Outcome dispatch(const Command& command, Services& services, Console& console) {
  PIPELINE_ASSIGN(auto directory, current_directory());
  Context context{services, console, std::move(directory)};
  return std::visit([&context](const auto& options) { return execute(options, context); }, command);
}

}  // namespace

int run_program(std::vector<std::string> arguments, Services& services) {
  const auto parsed = parse_command_line(std::move(arguments));
  if (const auto* answer = std::get_if<Answer>(&parsed)) {
    Console console(ColorWish::never);
    (answer->exit_code == ExitCode::success ? console.out : console.err).write(answer->text);
    return answer->exit_code;
  }
  const auto& invocation = std::get<Invocation>(parsed);
  Console console(invocation.color);
  const Outcome outcome = dispatch(invocation.command, services, console);
  if (outcome) return *outcome;
  print(outcome.error(), console);
  return exit_code_of(outcome.error().kind());
}

}  // namespace pipeline::cli
