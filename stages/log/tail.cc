#include "stages/log/tail.h"

#include <algorithm>

#include "stages/log/reader.h"

namespace pipeline::log {

base::Result<std::string> last_output(LogSource& source, std::uint64_t lines, std::uint64_t most) {
  PIPELINE_ASSIGN(std::uint64_t offset, source.tail_offset(lines));
  if (source.end() > most) offset = std::max(offset, source.end() - most);
  std::string output;
  while (output.size() < most) {
    PIPELINE_ASSIGN(const Piece piece, source.read(offset, most - output.size()));
    if (piece.bytes.empty()) break;
    output += piece.bytes;
    offset = piece.next;
  }
  return output;
}

base::Result<std::string> last_output(const std::filesystem::path& directory, std::uint64_t lines,
                                      std::uint64_t most) {
  PIPELINE_ASSIGN(LogReader reader, LogReader::open(directory));
  return last_output(reader, lines, most);
}

}  // namespace pipeline::log
