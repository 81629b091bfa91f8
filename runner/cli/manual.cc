#include "runner/cli/manual.h"

#include <array>

#include "pipelines/base/text.h"
#include "runner/cli/exit_code.h"
#include "runner/cli/grammar.h"
#include "runner/cli/help.h"

namespace pipeline::cli {

namespace {

// Text as roff takes it literally: what would be a command, a hyphen or a typographic quote is not.
std::string literal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      default:
        out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

// What stands between back-quotes is to be typed.
std::string prose(const std::string& text) {
  const std::vector<std::string> parts = base::split(text, '`');
  if (parts.size() % 2 == 0) return literal(text);
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    out += i % 2 == 1 ? "\\fB" + literal(parts[i]) + "\\fR" : literal(parts[i]);
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::string item(const std::string& tag, const std::string& meaning) {
  return ".TP\n" + tag + "\n" + prose(meaning) + "\n";
}

struct Item {
  const char* name;
  const char* meaning;
};

struct ExitItem {
  ExitCode code;
  const char* meaning;
};

constexpr std::array<ExitItem, 6> kExitCodes = {
    {{ExitCode::success, "Success."},
     {ExitCode::failed, "The pipeline failed: a command of the user's said no."},
     {ExitCode::wrong, "The pipeline file or the command line is wrong; nothing was run."},
     {ExitCode::errored, "Something on our side went wrong."},
     {ExitCode::waiting, "The run waits for approval, with `--no-wait`."},
     {ExitCode::cancelled, "The run was cancelled, or `pipeline attach` left it going."}}};

constexpr std::array<Item, 4> kFiles = {
    {{"pipeline.toml", "The pipeline of a repository, at its root."},
     {"pipelines/NAME.toml", "One of several; `pipeline run NAME` runs it."},
     {"/var/lib/pipeline, ~/.local/state/pipeline",
      "Where runs, logs, artifacts and secrets are kept: by root, by others. `secret.key` in it is "
      "what the secrets are encrypted with."},
     {"~/.config/pipeline/credentials.json",
      "Tokens of servers that `pipeline login` has logged in to, for nobody else to read; below "
      "XDG_CONFIG_HOME, where that is set."}}};

constexpr std::array<Item, 5> kEnvironment = {
    {{"PIPELINE_HOME", "The directory to keep everything in, instead."},
     {"XDG_STATE_HOME", "Its subdirectory `pipeline` is that directory, where nothing else says."},
     {"PIPELINE_SECRET_KEY_FILE", "The file with the key of the secrets, instead of `secret.key`."},
     {"NO_COLOR", "Forbids colour, whatever it is set to."},
     {"TERM", "`dumb` forbids colour and everything that is painted over."}}};

std::string section(const CommandForm& form) {
  std::string text = ".SS \"pipeline " + form.name + "\"\n";
  for (std::size_t i = 0; i < form.usages.size(); ++i) {
    if (i > 0) text += ".br\n";
    text += "\\fB" + literal(form.usages[i]) + "\\fR\n";
  }
  text += ".PP\n" + prose(form.description) + "\n";
  for (const ArgumentForm& one : form.arguments) {
    text += item("\\fI" + literal(one.name) + "\\fR", one.meaning);
  }
  for (const OptionForm& one : form.options) {
    std::string tag = "\\fB" + literal(base::join(one.names, ", ")) + "\\fR";
    if (!one.value.empty()) tag += " \\fI" + literal(one.value) + "\\fR";
    text += item(tag, one.meaning);
  }
  return text;
}

template <std::size_t size>
std::string items(const char* heading, const std::array<Item, size>& all) {
  std::string text = ".SH ";
  text += heading;
  text += "\n";
  for (const Item& one : all) text += item("\\fI" + literal(one.name) + "\\fR", one.meaning);
  return text;
}

}  // namespace

std::string manual_page() {
  std::string version = version_text();
  if (version.ends_with('\n')) version.pop_back();
  std::string text = ".\\\" Made by `pipeline man`.\n.TH PIPELINE 1 \"\" \"" + version +
                     "\" \"User Commands\"\n.nh\n.ad l\n";
  text += ".SH NAME\npipeline \\- takes a change from a git commit to production\n";
  text += ".SH SYNOPSIS\n\\fBpipeline\\fR \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n";
  text += ".SH DESCRIPTION\n" +
          prose(
              "Runs the pipeline of a git repository: stages in sandboxed processes, an artifact "
              "that is packed once, deployments with gates and a way back. What "
              "happened is kept in a directory. `pipeline init` writes a first pipeline, "
              "`pipeline run` runs it.") +
          "\n.PP\n" + prose("`--no-color` may stand before the command too.") + "\n";
  text += ".SH COMMANDS\n";
  for (const CommandForm& form : grammar()) text += section(form);
  text += ".SH \"EXIT STATUS\"\n";
  for (const ExitItem& one : kExitCodes) {
    std::string tag = "\\fB";
    tag += std::to_string(one.code);
    text += item(tag + "\\fR", one.meaning);
  }
  text += items("FILES", kFiles);
  text += items("ENVIRONMENT", kEnvironment);
  text += ".SH \"SEE ALSO\"\n.BR git (1)\n";
  return text;
}

}  // namespace pipeline::cli
