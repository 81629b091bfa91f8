#include "runner/cli/render/live.h"

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/summary.h"
#include "runner/cli/render/table.h"

namespace pipeline::render {

namespace {

constexpr const char* kCancelHint = "Ctrl-C cancels";
constexpr const char* kLeaveHint = "Ctrl-C leaves it going";
constexpr const char* kCancelling = "cancelling; Ctrl-C again kills at once";
constexpr std::size_t kElapsedColumns = 6;
// Below the region the cursor's line, above it at least one line of what has scrolled.
constexpr std::size_t kOtherRows = 3;

bool is_under_way(run::JobStatus status) {
  return status == run::JobStatus::leased || status == run::JobStatus::running ||
         status == run::JobStatus::finishing;
}

// The job that an event ended, if it ended one.
const std::string* ended_job(const run::EventBody& body) {
  if (const auto* finished = std::get_if<run::JobFinished>(&body)) return &finished->job;
  if (const auto* cached = std::get_if<run::JobCached>(&body)) return &cached->job;
  if (const auto* skipped = std::get_if<run::JobSkipped>(&body)) return &skipped->job;
  return nullptr;
}

}  // namespace

LiveReporter::LiveReporter(Board board, Output& output, LogTail tail, Color color, CtrlC ctrl_c)
    : board_(std::move(board)),
      output_(output),
      tail_(std::move(tail)),
      color_(color),
      ctrl_c_(ctrl_c) {}

void LiveReporter::on_event(const run::Event& event) {
  if (!board_.apply(event)) return;
  if (const auto* queued = std::get_if<run::JobQueued>(&event.body)) waiting_.erase(queued->job);
  if (std::holds_alternative<run::RunCreated>(event.body)) {
    scrolled_.push_back(headline(board_.id(), board_.plan()));
  } else if (const auto* retried = std::get_if<run::RunRetried>(&event.body)) {
    scrolled_.push_back(headline(board_.id(), board_.plan()));
    scrolled_.push_back("retrying " + base::join(retried->jobs, ", "));
  } else if (const auto* again = std::get_if<run::JobRetried>(&event.body)) {
    scrolled_.push_back("  " + pad(again->job, name_columns(board_.plan())) + "  " +
                        paint(again->reason, Tint::dim, color_));
  } else if (const std::string* job = ended_job(event.body)) {
    if (const auto index = board_.plan().find(*job)) {
      scrolled_.push_back("  " + pad(*job, name_columns(board_.plan())) + "  " +
                          ending(board_, *index, event.at, color_));
    }
  }
}

void LiveReporter::on_waiting(const std::string& job, const std::string& reason) {
  waiting_[job] = one_line(reason);
}

void LiveReporter::on_tick(base::TimePoint now) {
  const ScreenSize size = output_.size();
  output_.write(region_.paint(scrolled_, region(now, size), size));
  scrolled_.clear();
}

void LiveReporter::finish(base::TimePoint now) {
  const ScreenSize size = output_.size();
  std::string bytes = region_.paint(scrolled_, {}, size);
  scrolled_.clear();
  bytes += "\n" + summary(board_, tail_, now, color_, size.columns) + "\n" +
           closing(board_, now, color_) + "\n";
  output_.write(bytes);
}

std::vector<std::string> LiveReporter::region(base::TimePoint now, ScreenSize size) const {
  // A line as wide as the screen would make some terminals fold it or lose its last letter.
  const std::size_t columns = size.columns > 1 ? size.columns - 1 : 1;
  const std::size_t room = size.rows > kOtherRows ? size.rows - kOtherRows : 1;
  std::vector<std::string> lines;
  std::size_t hidden = 0;
  for (std::size_t job = 0; job < board_.plan().jobs.size(); ++job) {
    if (!is_shown(job)) continue;
    if (lines.size() < room) {
      lines.push_back(job_line(job, now, columns));
    } else {
      ++hidden;
    }
  }
  if (hidden > 0) lines.back() = "  … and " + std::to_string(hidden + 1) + " more";
  // Of a run that has not begun: others of its group are before it.
  const std::string why = one_line(board_.state().reason);
  if (!why.empty() && !board_.state().cancelling) {
    lines.push_back(paint(base::elide("  " + why, columns), Tint::dim, color_));
  }
  lines.push_back(status_line(now, columns));
  return lines;
}

std::string LiveReporter::job_line(std::size_t job, base::TimePoint now,
                                   std::size_t columns) const {
  const std::size_t names = name_columns(board_.plan());
  const auto elapsed = board_.elapsed(job, now);
  std::string line = "  " + pad(base::elide(board_.plan().jobs[job].name, names), names) + "  " +
                     pad(elapsed ? base::format_elapsed(*elapsed) : "", kElapsedColumns) + "  ";
  const std::size_t used = base::display_width(line);
  if (used >= columns) return base::elide(line, columns);
  return line + paint(base::elide(last_words(job), columns - used), Tint::dim, color_);
}

bool LiveReporter::is_shown(std::size_t job) const {
  const run::JobStatus status = board_.state().jobs[job].status;
  if (status == run::JobStatus::queued) return waiting_.contains(board_.plan().jobs[job].name);
  return is_under_way(status);
}

std::string LiveReporter::last_words(std::size_t job) const {
  const run::JobState& state = board_.state().jobs[job];
  const std::string& name = board_.plan().jobs[job].name;
  if (state.status == run::JobStatus::queued) return waiting_.at(name);
  if (state.stopping || state.held_up) return standing_of(board_, job);
  const JobWords& words = board_.words(job);
  if (!words.deployment_state.empty()) return deployment_of(board_, job);
  const std::vector<std::string> lines = tail_(name, state.attempt, 1);
  if (!lines.empty()) return lines.back();
  if (!words.commands.empty()) {
    return "$ " + one_line(words.commands.back());
  }
  return {};
}

std::string LiveReporter::status_line(base::TimePoint now, std::size_t columns) const {
  std::size_t running = 0;
  std::size_t to_do = 0;
  std::size_t done = 0;
  for (const run::JobState& job : board_.state().jobs) {
    ++(run::is_terminal(job.status) ? done : is_under_way(job.status) ? running : to_do);
  }
  std::string text = base::format_elapsed(board_.run_elapsed(now)) + "  " +
                     std::to_string(running) + " running, " + std::to_string(to_do) + " waiting, " +
                     std::to_string(done) + " done";
  if (ctrl_c_ == CtrlC::leaves) {
    text += std::string("  ") + (board_.state().cancelling ? "cancelling" : kLeaveHint);
  } else {
    text += std::string("  ") + (board_.state().cancelling ? kCancelling : kCancelHint);
  }
  return paint(base::elide(text, columns), Tint::dim, color_);
}

}  // namespace pipeline::render
