#include "pipelines/run/outcome.h"

#include <algorithm>
#include <array>

namespace pipeline::run {

namespace {

// Indexed by the enumerators' values.
constexpr std::array<std::string_view, kJobStatuses> kJobWords = {
    "waiting", "queued",  "leased",    "running",   "finishing", "succeeded",
    "failed",  "errored", "timed-out", "cancelled", "skipped",   "cached"};
constexpr std::array<std::string_view, kRunStatuses> kRunWords = {
    "created", "running", "succeeded", "failed", "errored", "cancelled", "interrupted"};

template <class Status, std::size_t N>
std::optional<Status> find_word(const std::array<std::string_view, N>& words,
                                std::string_view word) {
  const auto* const found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Status>(found - words.begin());
}

}  // namespace

bool is_terminal(JobStatus status) {
  return status >= JobStatus::succeeded;
}

bool is_success(JobStatus status) {
  return status == JobStatus::succeeded || status == JobStatus::cached;
}

bool is_active(JobStatus status) {
  return status == JobStatus::leased || status == JobStatus::running ||
         status == JobStatus::finishing;
}

bool is_terminal(RunStatus status) {
  return status != RunStatus::created && status != RunStatus::running &&
         status != RunStatus::interrupted;
}

std::string_view to_string(JobStatus status) {
  return kJobWords[static_cast<std::size_t>(status)];
}

std::string_view to_string(RunStatus status) {
  return kRunWords[static_cast<std::size_t>(status)];
}

std::optional<JobStatus> job_status_from(std::string_view word) {
  return find_word<JobStatus>(kJobWords, word);
}

std::optional<RunStatus> run_status_from(std::string_view word) {
  return find_word<RunStatus>(kRunWords, word);
}

}  // namespace pipeline::run
