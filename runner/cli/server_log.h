// A job's log on a server, fetched in parts: a part is held, not the whole. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "runner/cli/server_client.h"
#include "stages/log/pieces.h"

namespace pipeline::cli {

class ServerLog final : public log::LogSource {
 public:
  // `path` is its address below /api/v1, with a query. `client` must outlive it.
  // ErrorKind::not_found when there is no such log.
  static base::Result<std::unique_ptr<ServerLog>> open(ServerClient& client, std::string path);

  base::Result<> refresh() override;
  using LogSource::read;
  base::Result<log::Piece> read(std::uint64_t offset, std::size_t limit) override;
  std::uint64_t end() const override { return part_.end; }
  base::Result<std::uint64_t> tail_offset(std::uint64_t lines) override;
  // The server says when.
  base::Result<> wait(std::uint64_t offset, base::Duration patience) override;

 private:
  ServerLog(ServerClient& client, std::string path) : client_(client), path_(std::move(path)) {}
  base::Result<> fetch(const std::string& query);
  // The piece that goes on at the offset; null: it is not held.
  const log::Piece* held(std::uint64_t offset) const;

  ServerClient& client_;
  const std::string path_;
  log::LogPart part_;
  bool is_end_known_ = false;  // whatever lies behind it came after the last refresh
};

}  // namespace pipeline::cli
