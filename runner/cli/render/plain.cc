#include "runner/cli/render/plain.h"

#include "pipelines/base/text.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/summary.h"

namespace pipeline::render {

namespace {

// What one event says in a line, or nothing.
class Line {
 public:
  Line(const Board& board, base::TimePoint at, Color color)
      : board_(board), at_(at), color_(color) {}

  std::string operator()(const run::RunCreated&) const {
    return headline(board_.id(), board_.plan());
  }
  std::string operator()(const run::JobWaiting& event) const {
    const auto index = board_.plan().find(event.job);
    return event.job + ": " + (index ? standing_of(board_, *index) : one_line(event.reason));
  }
  std::string operator()(const run::RunWaiting& event) const { return one_line(event.reason); }
  std::string operator()(const run::ChildRunStarted& event) const {
    return event.job + ": began run " + std::to_string(event.run);
  }
  std::string operator()(const run::JobStarted& event) const {
    const std::string again =
        event.attempt > 1 ? " (attempt " + std::to_string(event.attempt) + ")" : "";
    return event.job + ": started" + again;
  }
  std::string operator()(const run::CommandStarted& event) const {
    return event.job + ": $ " + one_line(event.command);
  }
  std::string operator()(const run::DeploymentAdvanced& event) const {
    const std::string detail = event.detail.empty() ? "" : ": " + one_line(event.detail);
    return event.job + ": " + event.state + detail;
  }
  std::string operator()(const run::JobFinished& event) const { return end_of(event.job); }
  std::string operator()(const run::JobCached& event) const { return end_of(event.job); }
  std::string operator()(const run::JobSkipped& event) const { return end_of(event.job); }
  std::string operator()(const run::JobStopRequested& event) const {
    return event.job + ": stopping: " + one_line(event.reason);
  }
  std::string operator()(const run::JobRetried& event) const {
    return event.job + ": " + event.reason;
  }
  std::string operator()(const run::RunCancelRequested& event) const {
    return "cancelling: " + one_line(event.reason);
  }
  std::string operator()(const run::RunRetried& event) const {
    return headline(board_.id(), board_.plan()) + "\nretrying " + base::join(event.jobs, ", ");
  }
  std::string operator()(const run::JobQueued&) const { return {}; }
  std::string operator()(const run::JobLeased&) const { return {}; }
  std::string operator()(const run::CommandFinished&) const { return {}; }
  std::string operator()(const run::JobFinishing&) const { return {}; }
  // The summary says it.
  std::string operator()(const run::RunFinished&) const { return {}; }

 private:
  std::string end_of(const std::string& job) const {
    const auto index = board_.plan().find(job);
    if (!index) return {};
    const std::string line = job + ": " + ending(board_, *index, at_, color_);
    return color_ == Color::no ? base::elide(line, kPipedColumns) : line;
  }

  const Board& board_;
  base::TimePoint at_;
  Color color_;
};

}  // namespace

PlainReporter::PlainReporter(Board board, Output& output, LogTail tail, Color color)
    : board_(std::move(board)), output_(output), tail_(std::move(tail)), color_(color) {}

void PlainReporter::on_event(const run::Event& event) {
  if (!board_.apply(event)) return;
  const std::string line = std::visit(Line(board_, event.at, color_), event.body);
  if (!line.empty()) output_.write(line + "\n");
}

void PlainReporter::on_waiting(const std::string& job, const std::string& reason) {
  if (board_.is_queued(job)) output_.write(job + ": " + one_line(reason) + "\n");
}

void PlainReporter::on_tick(base::TimePoint /*now*/) {}

void PlainReporter::finish(base::TimePoint now) {
  output_.write("\n" + summary(board_, tail_, now, color_, 0) + "\n" +
                closing(board_, now, color_) + "\n");
}

}  // namespace pipeline::render
