#include "runner/cli/render/sentences.h"

#include "pipelines/base/duration.h"
#include "pipelines/base/reason.h"
#include "pipelines/base/text.h"

namespace pipeline::render {

namespace {

constexpr std::size_t kShortCommit = 8;
constexpr std::size_t kWidestName = 24;

std::string place_of(const plan::Facts& facts) {
  const std::string commit = facts.commit.substr(0, kShortCommit);
  std::string place = facts.branch.empty() ? facts.tag : facts.branch;
  if (commit.empty()) return place.empty() ? "no commit yet" : place + ", no commit yet";
  return place.empty() ? "detached at " + commit : place + " at " + commit;
}

std::string attempt_note(const run::JobState& state) {
  return state.attempt > 1 ? "attempt " + std::to_string(state.attempt) : std::string();
}

bool waits_for_approval(const plan::Plan& plan, std::size_t job, const run::JobState& state) {
  return plan.stage_of(plan.jobs[job]).kind == model::StageKind::approval && state.held_up &&
         !state.stopping && run::is_active(state.status);
}

// A question to people is kept with the command that answers it, as it is written where the run is.
// None: this is no such question.
std::optional<std::string> question_in(const Board& board, std::size_t job,
                                       const std::string& reason) {
  const std::string words = std::to_string(board.id()) + " " + board.plan().jobs[job].name;
  const std::string end = ": " + CommandPlace().command("approve", words);
  if (!reason.ends_with(end)) return std::nullopt;
  return one_line(reason.substr(0, reason.size() - end.size()));
}

}  // namespace

std::string one_line(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string& line : base::split(text, '\n')) {
    std::string safe(base::trim(base::printable(line)));
    if (!safe.empty()) lines.push_back(std::move(safe));
  }
  if (lines.empty()) return {};
  return lines.size() == 1 ? lines.front() : lines.front() + " … " + lines.back();
}

std::string headline(run::RunId id, const plan::Plan& plan) {
  std::string text = "run " + std::to_string(id) + ": " + base::printable(plan.pipeline.name) +
                     ", " + base::printable(place_of(plan.facts));
  if (plan.facts.dirty && !plan.facts.commit.empty()) text += " with uncommitted changes";
  return text;
}

std::string note_of(const Board& board, std::size_t job) {
  const run::JobState& state = board.state().jobs[job];
  const auto& from = board.words(job).cached_from;
  if (state.status == run::JobStatus::cached && from) return "from run " + std::to_string(*from);
  std::vector<std::string> parts;
  const bool is_over = run::is_terminal(state.status);
  // The command that answers a question would be cut, and stands below.
  const auto question = question_in(board, job, state.reason);
  if (std::string reason = question ? *question : one_line(base::split_reason(state.reason).what);
      !reason.empty()) {
    parts.push_back(std::move(reason));
  } else if (is_over) {
    parts.push_back(one_line(board.words(job).deployment_detail));
  } else {
    parts.push_back(deployment_of(board, job));
  }
  parts.push_back(attempt_note(state));
  const bool was_forgiven = is_over && !run::is_success(state.status) &&
                            run::satisfies_need(board.plan(), job, state.status);
  if (was_forgiven) parts.emplace_back("allowed to fail");
  std::erase(parts, std::string());
  return base::join(parts, ", ");
}

std::string standing_of(const Board& board, std::size_t job) {
  const std::string& reason = board.state().jobs[job].reason;
  const auto question = question_in(board, job, reason);
  if (!question) return one_line(reason);
  return *question + ": " + board.command("approve", board.plan().jobs[job].name);
}

std::string how_to_approve(run::RunId id, const plan::Plan& plan, const run::RunState& state,
                           const CommandPlace& place) {
  std::string text;
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    if (!waits_for_approval(plan, job, state.jobs[job])) continue;
    const std::string words = std::to_string(id) + " " + plan.jobs[job].name;
    text += place.command("approve", words) + " lets it go on\n";
  }
  return text;
}

std::string deployment_of(const Board& board, std::size_t job) {
  const JobWords& words = board.words(job);
  const std::string detail = words.deployment_detail.empty() ? "" : ": " + words.deployment_detail;
  return one_line(words.deployment_state + detail);
}

std::string ending(const Board& board, std::size_t job, base::TimePoint now, Color color) {
  const run::JobStatus status = board.state().jobs[job].status;
  std::string text = paint(run::to_string(status), tint_of(status), color);
  if (const auto elapsed = board.elapsed(job, now)) text += " in " + base::format_elapsed(*elapsed);
  if (const std::string note = note_of(board, job); !note.empty()) {
    text += (status == run::JobStatus::cached ? " " : ": ") + note;
  }
  return text;
}

std::string closing(const Board& board, base::TimePoint now, Color color) {
  const run::RunState& state = board.state();
  std::string text = "run " + std::to_string(board.id()) + " " +
                     paint(run::to_string(state.status), tint_of(state.status), color);
  text += (run::is_terminal(state.status) ? " in " : " for ") +
          base::format_elapsed(board.run_elapsed(now));
  // That it is being cancelled, and why, was said when it was asked to.
  if (!state.reason.empty() && (run::is_terminal(state.status) || !state.cancelling))
    text += ": " + one_line(state.reason);
  return text;
}

std::size_t name_columns(const plan::Plan& plan) {
  std::size_t columns = 0;
  for (const plan::Job& job : plan.jobs) {
    columns = std::max(columns, base::display_width(job.name));
  }
  return std::min(columns, kWidestName);
}

}  // namespace pipeline::render
