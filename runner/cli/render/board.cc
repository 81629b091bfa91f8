#include "runner/cli/render/board.h"

namespace pipeline::render {

Board::Board(run::RunId id, const plan::Plan& plan, CommandPlace place)
    : id_(id),
      plan_(&plan),
      place_(std::move(place)),
      state_(run::initial_state(plan)),
      words_(plan.jobs.size()) {}

std::string Board::command(std::string_view name, std::string_view rest) const {
  const std::string words = rest.empty() ? std::string() : " " + std::string(rest);
  return place_.command(name, std::to_string(id_) + words);
}

base::Result<> Board::apply(const run::Event& event) {
  PIPELINE_TRY(run::apply(state_, *plan_, event));
  if (!opened_at_ || std::holds_alternative<run::RunRetried>(event.body)) opened_at_ = event.at;
  note(event.body);
  return {};
}

void Board::note(const run::EventBody& body) {
  const auto words_of = [this](const std::string& job) -> JobWords* {
    const auto index = plan_->find(job);
    return index ? &words_[*index] : nullptr;
  };
  if (const auto* queued = std::get_if<run::JobQueued>(&body)) {
    if (JobWords* words = words_of(queued->job)) *words = {};
  } else if (const auto* started = std::get_if<run::CommandStarted>(&body)) {
    JobWords* words = words_of(started->job);
    if (words == nullptr) return;
    words->commands.resize(std::max<std::size_t>(words->commands.size(), started->index + 1U));
    words->commands[started->index] = started->command;
  } else if (const auto* advanced = std::get_if<run::DeploymentAdvanced>(&body)) {
    if (JobWords* words = words_of(advanced->job)) {
      words->deployment_state = advanced->state;
      words->deployment_detail = advanced->detail;
    }
  } else if (const auto* cached = std::get_if<run::JobCached>(&body)) {
    if (JobWords* words = words_of(cached->job)) words->cached_from = cached->from_run;
  }
}

bool Board::is_queued(std::string_view job) const {
  const auto index = plan_->find(job);
  return index && state_.jobs[*index].status == run::JobStatus::queued;
}

std::string Board::failed_command(std::size_t job) const {
  const run::JobState& state = state_.jobs[job];
  const std::vector<std::string>& commands = words_[job].commands;
  if (run::is_success(state.status) || !state.command || *state.command >= commands.size()) {
    return {};
  }
  return commands[*state.command];
}

std::optional<base::Duration> Board::elapsed(std::size_t job, base::TimePoint now) const {
  const run::JobState& state = state_.jobs[job];
  if (!state.started_at) return std::nullopt;
  return std::chrono::duration_cast<base::Duration>(state.finished_at.value_or(now) -
                                                    *state.started_at);
}

base::Duration Board::run_elapsed(base::TimePoint now) const {
  if (!opened_at_) return base::Duration{0};
  return std::chrono::duration_cast<base::Duration>(state_.finished_at.value_or(now) - *opened_at_);
}

}  // namespace pipeline::render
