#include "runner/cli/server_log.h"

#include <algorithm>
#include <thread>

namespace pipeline::cli {

using base::Result;

namespace {

// A log that goes on all the time is read that often, not each time that it does: a token may not
// ask for ever more.
constexpr std::chrono::milliseconds kBreath{200};

}  // namespace

Result<std::unique_ptr<ServerLog>> ServerLog::open(ServerClient& client, std::string path) {
  std::unique_ptr<ServerLog> opened(new ServerLog(client, std::move(path)));
  PIPELINE_TRY(opened->fetch("&most=0"));
  return opened;
}

Result<> ServerLog::refresh() {
  is_end_known_ = false;
  return {};
}

Result<> ServerLog::fetch(const std::string& query) {
  PIPELINE_ASSIGN(const std::string text, client_.get_text(path_ + query));
  PIPELINE_ASSIGN(part_, log::decode_part(text));
  is_end_known_ = true;
  return {};
}

const log::Piece* ServerLog::held(std::uint64_t offset) const {
  const auto found = std::ranges::find_if(
      part_.pieces, [&](const log::Piece& piece) { return piece.next > offset; });
  // The first piece may begin behind what is asked for.
  const bool is_held =
      found != part_.pieces.end() && offset >= found->offset - std::min(found->cut, found->offset);
  return is_held ? &*found : nullptr;
}

Result<log::Piece> ServerLog::read(std::uint64_t offset, std::size_t limit) {
  const log::Piece* found = held(offset);
  const bool is_at_end = is_end_known_ && offset >= part_.end;
  if (found == nullptr && !is_at_end) {
    PIPELINE_TRY(fetch("&offset=" + std::to_string(offset)));
    found = held(offset);
  }
  const std::uint64_t from = found == nullptr ? offset : std::max(offset, found->offset);
  log::Piece piece{.offset = from, .next = from, .cut = from - offset, .at = {}, .bytes = {}};
  if (found == nullptr) return piece;
  piece.at = found->at;
  piece.bytes = found->bytes.substr(static_cast<std::size_t>(from - found->offset), limit);
  piece.next = from + piece.bytes.size();
  return piece;
}

Result<std::uint64_t> ServerLog::tail_offset(std::uint64_t lines) {
  PIPELINE_TRY(fetch("&tail=" + std::to_string(lines)));
  if (part_.pieces.empty()) return part_.end;
  return part_.pieces.front().offset;
}

Result<> ServerLog::wait(std::uint64_t offset, base::Duration patience) {
  std::this_thread::sleep_for(kBreath);
  PIPELINE_TRY(fetch("&wait=20&offset=" + std::to_string(offset)));
  // The log may be whole while its job is not over yet.
  if (part_.pieces.empty()) std::this_thread::sleep_for(patience);
  return {};
}

}  // namespace pipeline::cli
