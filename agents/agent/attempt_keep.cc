#include "agents/agent/attempt_keep.h"

#include "agents/protocol/agent_messages_json.h"
#include "agents/protocol/job_order_json.h"
#include "stages/host/file.h"
#include "stages/host/remove.h"

namespace pipeline::agent {

namespace {

namespace fs = std::filesystem;
using base::Result;
using protocol::Heartbeat;

constexpr const char* kWord = "word.json";
constexpr const char* kOrder = "order.json";

// A word is kept as the heartbeat that would say it.
Result<KeptAttempt> read(const fs::path& directory) {
  PIPELINE_ASSIGN(const std::string text, host::read_file(directory / kWord));
  PIPELINE_ASSIGN(Heartbeat said, protocol::message_from_json<Heartbeat>(text));
  if (said.attempts.size() != 1)
    return base::fail(base::ErrorKind::corrupt, directory.string() + " names no attempt");
  return KeptAttempt{std::move(said.attempts.front()), directory};
}

}  // namespace

Result<KeptAttempt> AttemptKeep::keep(const protocol::AttemptWord& word) const {
  KeptAttempt kept{
      word, directory_ / (std::to_string(word.attempt.run) + "." + std::to_string(word.fence))};
  std::error_code error;
  fs::create_directories(kept.logs(), error);
  if (error)
    return base::fail(base::Error::from_errno(error.value(), "make " + kept.logs().string()));
  PIPELINE_TRY(host::write_file(kept.directory / kWord, to_json(Heartbeat{{word}}),
                                host::Durability::cached));
  return kept;
}

Result<std::vector<KeptAttempt>> AttemptKeep::all() const {
  std::vector<KeptAttempt> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    if (auto kept = read(entry.path()))
      found.push_back(*std::move(kept));
    else
      PIPELINE_TRY(host::remove_all(entry.path()));
  }
  return found;
}

// Of the word, which is written once; of a directory that has none yet its own.
std::optional<base::TimePoint> AttemptKeep::oldest() const {
  std::optional<base::TimePoint> oldest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    const auto word = host::touched(entry.path() / kWord);
    const auto at = word ? word : host::touched(entry.path());
    if (at && (!oldest || *at < *oldest)) oldest = at;
  }
  return oldest;
}

Result<> AttemptKeep::keep_order(const KeptAttempt& kept, protocol::JobOrder order) {
  if (auto* const deploy = std::get_if<protocol::DeployOrder>(&order.work)) deploy->journal.reset();
  return host::write_file(kept.directory / kOrder, to_json(order), host::Durability::cached, 0600);
}

Result<std::optional<protocol::JobOrder>> AttemptKeep::order_of(const KeptAttempt& kept) {
  const auto text = host::read_file(kept.directory / kOrder);
  if (!text && text.error().kind() == base::ErrorKind::not_found) return std::nullopt;
  if (!text) return base::fail(text.error());
  return protocol::job_order_from_json(*text).map(
      [](protocol::JobOrder order) { return std::optional(std::move(order)); });
}

Result<> AttemptKeep::forget(const KeptAttempt& kept) {
  return host::remove_all(kept.directory);
}

}  // namespace pipeline::agent
