// The attempts that this machine holds, on its disk, so that an agent that is started again knows
// them:
//   <directory>/<run>.<fence>/word.json   which attempt it is
//   <directory>/<run>.<fence>/order.json  of a deployment: what it was ordered, without the token
//   <directory>/<run>.<fence>/logs/       its log directory
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "agents/protocol/agent_messages.h"
#include "pipelines/base/result.h"

namespace pipeline::agent {

struct KeptAttempt {
  protocol::AttemptWord word;
  std::filesystem::path directory;

  std::filesystem::path logs() const { return directory / "logs"; }
};

class AttemptKeep {
 public:
  explicit AttemptKeep(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Makes its directories. Durable against a crash of this process.
  base::Result<KeptAttempt> keep(const protocol::AttemptWord& word) const;
  // What an earlier agent left; what cannot be read is removed.
  base::Result<std::vector<KeptAttempt>> all() const;
  // When the first of those that are held now was taken; none: none is.
  std::optional<base::TimePoint> oldest() const;
  // So that a deployment can be gone on with when its driver died.
  static base::Result<> keep_order(const KeptAttempt& kept, protocol::JobOrder order);
  // None: it is no deployment, or did not begin.
  static base::Result<std::optional<protocol::JobOrder>> order_of(const KeptAttempt& kept);
  // With everything in it.
  static base::Result<> forget(const KeptAttempt& kept);

 private:
  std::filesystem::path directory_;
};

}  // namespace pipeline::agent
