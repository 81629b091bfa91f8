// A job's log as whoever shows it reads it, wherever it lies: a port. Memory is constant: bytes are
// handed out in pieces.
//
// Order of calls: anything; refresh() takes up what was written since. One thread.
//
//   whole:    for (offset = 0; piece = read(offset); offset = piece.next) …until piece.bytes is
//   empty
//   --tail N: the same from tail_offset(N)
//   follow:   the same, and where it comes to the end: wait(), refresh()
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::log {

struct Piece {
  std::uint64_t offset = 0;  // of the first byte
  std::uint64_t next = 0;    // where to go on
  std::uint64_t cut = 0;     // bytes that are missing before `offset`; say so to the reader
  base::TimePoint at;        // when the first byte came (to 100 ms)
  std::string bytes;         // empty: nothing more for now
};

inline constexpr std::size_t kPieceSize = std::size_t{64} << 10U;

class LogSource {
 public:
  virtual ~LogSource() = default;

  virtual base::Result<> refresh() = 0;
  // From `offset` on, at most `limit` bytes, never across a change of time stamp. An offset that
  // was cut moves on to the first byte that was kept.
  virtual base::Result<Piece> read(std::uint64_t offset, std::size_t limit) = 0;
  base::Result<Piece> read(std::uint64_t offset) { return read(offset, kPieceSize); }
  // Offset of the end, as of the last refresh().
  virtual std::uint64_t end() const = 0;
  // Returns when there may be something at the offset, or somewhat later; whoever cannot be told
  // waits for as long as `patience`.
  virtual base::Result<> wait(std::uint64_t offset, base::Duration patience) = 0;
  // Where the last `lines` lines begin; a last line without newline counts.
  virtual base::Result<std::uint64_t> tail_offset(std::uint64_t lines) = 0;
};

}  // namespace pipeline::log
