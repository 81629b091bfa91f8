#include "stages/log/tail.h"

#include <algorithm>

#include "stages/log/reader.h"

namespace pipeline::log {

base::Result<std::string> last_output(const std::filesystem::path& directory, std::uint64_t lines,
                                      std::uint64_t most) {
  PIPELINE_ASSIGN(LogReader reader, LogReader::open(directory));
  PIPELINE_ASSIGN(std::uint64_t offset, reader.tail_offset(lines));
  if (reader.end() > most) offset = std::max(offset, reader.end() - most);
  std::string output;
  while (output.size() < most) {
    PIPELINE_ASSIGN(const Piece piece, reader.read(offset, most - output.size()));
    if (piece.bytes.empty()) break;
    output += piece.bytes;
    offset = piece.next;
  }
  return output;
}

}  // namespace pipeline::log
