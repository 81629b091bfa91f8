// Pieces of a log on their way to another machine: a head of text, then their bytes one after the
// other.
//
//   log <end of the log> <number of pieces>
//   <offset> <bytes cut before it> <microseconds since 1970> <size>      …a line for each piece
//
// Pure but for reading the source.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/log/source.h"

namespace pipeline::log {

struct LogPart {
  std::uint64_t end = 0;  // of the whole log
  std::vector<Piece> pieces;
};

// From `offset` on, about `most` bytes; no piece when there is nothing yet.
base::Result<LogPart> read_part(LogSource& source, std::uint64_t offset, std::size_t most);

std::string encode(const LogPart& part);
// ErrorKind::corrupt for what encode() has not written.
base::Result<LogPart> decode_part(std::string_view text);

}  // namespace pipeline::log
