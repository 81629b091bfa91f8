#include "runner/cli/render/summary.h"

#include "pipelines/base/duration.h"
#include "pipelines/base/reason.h"
#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/table.h"

namespace pipeline::render {

namespace {

constexpr std::size_t kLastLines = 20;

// The exit code of what failed by it, unless the reason has named it already.
std::string exit_note(const run::JobState& state) {
  if (!state.exit_code || *state.exit_code == 0) return {};
  const std::string code = std::to_string(*state.exit_code);
  const bool is_named =
      state.reason.ends_with("exit code " + code) || state.reason.ends_with("exited with " + code);
  return is_named ? std::string() : "  (exit code " + code + ")";
}

// Failing tests first of all: where, and why in a line.
std::string failed_tests(const Board& board, std::size_t job, Color color) {
  const auto& tests = board.state().jobs[job].tests;
  if (!tests || tests->failures.empty()) return {};
  std::string text;
  for (const report::FailedTest& test : tests->failures) {
    text += "  " + paint(test.quarantined ? "quarantined" : "failed",
                         test.quarantined ? Tint::warn : Tint::bad, color);
    text += " " + one_line(test.name);
    if (!test.place.empty()) text += "  " + one_line(test.place);
    text += "\n";
    if (!test.message.empty()) text += "    " + one_line(test.message) + "\n";
  }
  const report::TestCounts& counts = tests->counts;
  const std::uint64_t all = counts.failed + counts.errors + counts.quarantined;
  const std::uint64_t more = all - std::min<std::uint64_t>(all, tests->failures.size());
  return text + "  " + (more > 0 ? "and " + std::to_string(more) + " more: " : "all of them: ") +
         board.command("tests") + "\n";
}

std::string head_of(const Board& board, std::size_t job, Color color) {
  const run::JobState& state = board.state().jobs[job];
  std::string text = paint(board.plan().jobs[job].name, Tint::bold, color) + " " +
                     paint(run::to_string(state.status), tint_of(state.status), color);
  if (const std::string note = note_of(board, job); !note.empty()) text += ": " + note;
  return text + "\n";
}

std::string failure(const Board& board, std::size_t job, const LogTail& tail, Color color) {
  const run::JobState& state = board.state().jobs[job];
  const std::string& name = board.plan().jobs[job].name;
  std::string text = head_of(board, job, color);
  if (const std::string command = board.failed_command(job); !command.empty()) {
    text += "  $ " + one_line(command);
    text += exit_note(state) + "\n";
  }
  text += failed_tests(board, job, color);
  // What a reason quotes, as it was printed.
  const base::Reason reason = base::split_reason(state.reason);
  const std::vector<std::string> quoted = base::split(reason.what, '\n');
  for (std::size_t i = 1; i < quoted.size(); ++i) {
    text += paint("  |", Tint::dim, color) + " " + base::printable(quoted[i]) + "\n";
  }
  const std::vector<std::string> lines = tail(name, state.attempt, kLastLines);
  for (const std::string& line : lines) text += paint("  |", Tint::dim, color) + " " + line + "\n";
  if (!reason.hint.empty()) text += "  hint: " + one_line(reason.hint) + "\n";
  if (state.child) {
    text += "  more of it: " + board.place().command("show", std::to_string(*state.child)) + "\n";
  }
  if (!lines.empty()) text += "  all of it: " + board.command("logs", name) + "\n";
  if (state.leased_at) {
    for (const model::ServiceSpec* service : board.plan().services_of(board.plan().jobs[job])) {
      text += "  " + service_line(board, job, service->name);
    }
  }
  return text;
}

}  // namespace

bool is_failure(run::JobStatus status) {
  return status == run::JobStatus::failed || status == run::JobStatus::errored ||
         status == run::JobStatus::timed_out;
}

std::string service_line(const Board& board, std::size_t job, const std::string& service) {
  const std::string& name = board.plan().jobs[job].name;
  return "service " + service + " of " + name + ": " +
         board.command("logs", name + " --service " + service) + "\n";
}

std::string job_table(const Board& board, base::TimePoint now, Color color, std::size_t width) {
  Table table({"stage", "status", "time", ""});
  for (std::size_t job = 0; job < board.plan().jobs.size(); ++job) {
    const run::JobStatus status = board.state().jobs[job].status;
    const auto elapsed = board.elapsed(job, now);
    table.add({{board.plan().jobs[job].name},
               {std::string(run::to_string(status)), tint_of(status)},
               {elapsed ? base::format_elapsed(*elapsed) : ""},
               {note_of(board, job)}});
  }
  // Whatever a reason is cut to here, the failure below tells in full.
  return table.render(color, width == 0 ? kPipedColumns : width);
}

std::string artifact_lines(const Board& board) {
  std::string text;
  for (const run::JobState& job : board.state().jobs) {
    for (const run::ProducedArtifact& artifact : job.artifacts) {
      text += "artifact " + artifact.name + "@" + artifact.digest.hex() + " (" +
              base::format_size(artifact.size) + ")\n";
    }
  }
  return text;
}

std::string test_lines(const Board& board) {
  std::string text;
  for (std::size_t job = 0; job < board.plan().jobs.size(); ++job) {
    const auto& tests = board.state().jobs[job].tests;
    if (!tests) continue;
    std::vector<std::string> parts;
    if (tests->counts != report::TestCounts{}) parts.push_back(report::in_words(tests->counts));
    if (tests->coverage) parts.push_back(report::in_words(*tests->coverage));
    if (parts.empty()) parts.emplace_back("none");
    text += "tests " + board.plan().jobs[job].name + ": " + base::join(parts, "; ") + "\n";
  }
  return text;
}

std::string warnings(const Board& board, Color color) {
  std::string text;
  for (std::size_t job = 0; job < board.plan().jobs.size(); ++job) {
    for (const std::string& warning : board.state().jobs[job].warnings) {
      text += paint("warning:", Tint::warn, color) + " " + board.plan().jobs[job].name + ": " +
              one_line(warning) + "\n";
    }
  }
  return text;
}

std::string failures(const Board& board, const LogTail& tail, Color color) {
  std::string text;
  for (std::size_t job = 0; job < board.plan().jobs.size(); ++job) {
    const run::JobStatus status = board.state().jobs[job].status;
    std::string told;
    if (is_failure(status)) {
      told = failure(board, job, tail, color);
    } else if (std::string failed = failed_tests(board, job, color); !failed.empty()) {
      told = head_of(board, job, color) + failed;
    }
    if (!told.empty() && !text.empty()) text += "\n";
    text += told;
  }
  return text;
}

std::string summary(const Board& board, const LogTail& tail, base::TimePoint now, Color color,
                    std::size_t width) {
  std::string text = job_table(board, now, color, width);
  const std::string made = artifact_lines(board) + test_lines(board);
  if (!made.empty()) text += "\n" + made;
  if (const std::string warned = warnings(board, color); !warned.empty()) text += "\n" + warned;
  if (const std::string failed = failures(board, tail, color); !failed.empty()) {
    text += "\n" + failed;
  }
  return text;
}

}  // namespace pipeline::render
