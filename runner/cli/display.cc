#include "runner/cli/display.h"

#include "runner/cli/render/json.h"
#include "runner/cli/render/live.h"
#include "runner/cli/render/plain.h"

namespace pipeline::cli {

namespace {

// Often enough for the eye, seldom enough to cost nothing.
constexpr auto kTick = std::chrono::milliseconds(100);

}  // namespace

Display::Display(Console& console, Format format, const base::Clock& clock,
                 render::CommandPlace place, render::CtrlC ctrl_c)
    : console_(console),
      format_(format),
      clock_(clock),
      place_(std::move(place)),
      ctrl_c_(ctrl_c) {}

Display::~Display() {
  stop_ticking();
}

void Display::on_event(const run::Event& event) {
  const std::lock_guard lock(mutex_);
  if (reporter_) {
    reporter_->on_event(event);
  } else {
    early_.push_back(event);
  }
}

void Display::on_waiting(const std::string& job, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (reporter_ && !stopping_) reporter_->on_waiting(job, reason);
}

base::Result<> Display::show(run::RunId id, const plan::Plan& plan,
                             const std::vector<run::Event>& history, render::LogTail tail) {
  const std::lock_guard lock(mutex_);
  render::Board board(id, plan, place_);
  for (const run::Event& event : history) {
    if (!early_.empty() && event.sequence >= early_.front().sequence) break;
    PIPELINE_TRY(board.apply(event));
  }
  reporter_ = make_reporter(std::move(board), std::move(tail));
  for (const run::Event& event : early_) reporter_->on_event(event);
  early_.clear();
  if (is_live()) ticker_ = std::thread([this] { tick_until_stopped(); });
  return {};
}

std::unique_ptr<render::Reporter> Display::make_reporter(render::Board board,
                                                         render::LogTail tail) {
  if (format_ == Format::json) return std::make_unique<render::JsonReporter>(console_.out);
  if (is_live()) {
    return std::make_unique<render::LiveReporter>(std::move(board), console_.out, std::move(tail),
                                                  console_.out_color, ctrl_c_);
  }
  return std::make_unique<render::PlainReporter>(std::move(board), console_.out, std::move(tail),
                                                 console_.out_color);
}

void Display::finish() {
  stop_ticking();
  const std::lock_guard lock(mutex_);
  if (reporter_) reporter_->finish(clock_.now());
}

void Display::tick_until_stopped() {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, kTick, [this] { return stopping_; })) {
    reporter_->on_tick(clock_.now());
  }
}

void Display::stop_ticking() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (ticker_.joinable()) ticker_.join();
}

}  // namespace pipeline::cli
