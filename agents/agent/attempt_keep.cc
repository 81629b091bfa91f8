#include "agents/agent/attempt_keep.h"

#include "agents/protocol/agent_messages_json.h"
#include "stages/host/file.h"
#include "stages/host/remove.h"

namespace pipeline::agent {

namespace {

namespace fs = std::filesystem;
using base::Result;
using protocol::Heartbeat;

constexpr const char* kWord = "word.json";

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

Result<> AttemptKeep::forget(const KeptAttempt& kept) {
  return host::remove_all(kept.directory);
}

}  // namespace pipeline::agent
