#include "runner/cli/help.h"

#include "pipelines/base/text.h"
#include "runner/cli/render/table.h"

namespace pipeline::cli {

namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kMeaningColumn = 22;

// Words of one line of text in lines of at most kWidth columns; every line but the first begins
// with `indent` blanks, the first is where the caller has come to.
std::string wrapped_line(const std::string& text, std::size_t indent) {
  std::string result;
  std::size_t column = indent;
  for (const std::string& word : base::split(text, ' ')) {
    const std::size_t width = base::display_width(word);
    if (column > indent && column + 1 + width > kWidth) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      result += " ";
      ++column;
    }
    result += word;
    column += width;
  }
  return result;
}

// A newline of the text stays one.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::vector<std::string> lines = base::split(text, '\n');
  for (std::string& line : lines) line = wrapped_line(line, indent);
  return base::join(lines, "\n" + std::string(indent, ' '));
}

std::string line_of(const HelpLine& line) {
  std::string text = render::pad("  " + line.what, kMeaningColumn);
  // What is too long for its column has a line of its own.
  if (base::display_width(text) > kMeaningColumn || !text.ends_with(' ')) {
    text += "\n" + std::string(kMeaningColumn, ' ');
  }
  return text + wrapped(line.meaning, kMeaningColumn) + "\n";
}

}  // namespace

std::string overview() {
  return R"(pipeline takes a change from a git commit to production.

usage: pipeline COMMAND [ARGUMENTS]

Pipelines
  run        run a pipeline on the working tree as it stands
  check      validate pipeline files
  plan       what a run would do, and why
  graph      the stages and what they need
  init       write a starter pipeline
  schema     the JSON Schema of pipeline files, for editors

Runs
  runs       the latest runs
  show       one run: its stages, artifacts and failures
  logs       what a run's jobs printed
  tests      what the tests of a run came to
  attach     follow a run that began with --detach, to its end
  cancel     stop a run that is under way
  approve    let a run that waits for approval go on
  reject     end a run that waits for approval
  retry      run again what failed, reuse the rest
  artifacts  list or unpack what a run made

Environments
  status     what serves where
  deploy     bring an artifact to an environment
  rollback   put an earlier release back
  stop       end all instances of an environment
  toggle     show feature toggles, and set them: the kill switch

Team server
  serve      serve a team: repositories, agents, runs
  agent      run jobs of a server on this machine
  agents     the agents of a server
  schedules  when a server starts runs by itself
  repo       which repositories a server knows
  token      who may call a server
  user       which people it knows
  group      which of them belong together
  role       what people and groups may do, and where
  pulls      pull requests from forks that wait for your word
  login      log in to a server
  logout     end that session
  whoami     who you are to a server
  audit      what was changed on a server, and by whom
  notices    what a server told others of its runs, and what it could not

Machine
  secret     keep secrets for stages, encrypted
  backup     all that a server, or this machine, keeps, in one file
  restore    make a state directory of a backup
  gc         remove old runs, and what nothing refers to
  doctor     what this machine offers for isolating jobs
  completion complete commands and names in bash, zsh or fish
  man        the manual page

pipeline COMMAND --help explains one of them. --no-color and NO_COLOR forbid
colour. PIPELINE_HOME says where runs, logs and artifacts are kept.

Exit codes: 0 success, 1 the pipeline failed, 2 the file or the command line is
wrong, 3 something on our side went wrong, 4 waiting for approval, 130
cancelled.
)";
}

std::string explanation(const std::string& description, const std::string& usage,
                        const std::vector<HelpLine>& lines) {
  std::string text = wrapped(description, 0) + "\n\nusage: " + usage + "\n\n";
  for (const HelpLine& line : lines) text += line_of(line);
  return text;
}

std::string version_text() {
  return "pipeline " PIPELINE_VERSION "\n";
}

std::string version() {
  return PIPELINE_VERSION;
}

}  // namespace pipeline::cli
