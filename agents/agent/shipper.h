// Brings the files of an attempt's log directory to the server, from where the server has them on,
// as often as it is asked to. The line that says how the attempt ended comes last, once everything
// else is there: the server forgets the attempt with it.
//
// One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "agents/agent/server_port.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/run/event.h"

namespace pipeline::agent {

class Shipper {
 public:
  Shipper(std::filesystem::path logs, protocol::AttemptWord word)
      : logs_(std::move(logs)), word_(std::move(word)) {}

  // What there is by now: logs first, then the reports that speak of them, but for the end.
  base::Result<> ship(ServerPort& server);
  // How the attempt ended, once that was among the reports that ship() saw.
  const std::optional<run::JobFinished>& end() const { return end_; }
  // Everything else, and the end. REQUIRES: end(), and what it names was brought.
  base::Result<> finish(ServerPort& server);
  // In place of the end that there is, if there is one: what it names cannot be brought, or nobody
  // wrote one.
  base::Result<> write_end(const run::JobFinished& finished, const base::Clock& clock);

 private:
  base::Result<> ship_file(ServerPort& server, const std::string& file,
                           std::optional<std::uint64_t> until = std::nullopt);
  base::Result<> ship_all(ServerPort& server, bool also_what_moves);
  // Looks through new reports for the end.
  base::Result<> look_for_end();

  std::filesystem::path logs_;
  protocol::AttemptWord word_;
  std::map<std::string, std::uint64_t> there_;  // how long each file is on the server
  std::uint64_t looked_until_ = 0;              // of the reports: whole lines without the end
  std::optional<run::JobFinished> end_;
};

}  // namespace pipeline::agent
