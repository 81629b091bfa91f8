// Reads a job's log, whole or in part, while it is written or after its writer was killed. Memory
// is constant: bytes are handed out in pieces, the index is seeked.
//
// Order of calls: open() → anything; refresh() takes up what was written since. One thread.
//
//   whole:    for (offset = 0; piece = read(offset); offset = piece.next) …until piece.bytes is
//   empty
//   --tail N: the same from tail_offset(N)
//   follow:   the same, and where it comes to the end: refresh(), and wait while !finished()
//   command:  the same from command.begin to command.end
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"
#include "stages/log/format.h"

namespace pipeline::log {

struct Piece {
  std::uint64_t offset = 0;  // of the first byte
  std::uint64_t next = 0;    // where to go on
  std::uint64_t cut = 0;     // bytes that are missing before `offset`; say so to the reader
  base::TimePoint at;        // when the first byte came (to 100 ms)
  std::string bytes;         // empty: nothing more for now
};

struct LoggedCommand {
  std::uint32_t index = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // of the output so far while it runs
  base::TimePoint started_at;
  std::optional<base::TimePoint> finished_at;
  int exit_code = 0;
};

class LogReader {
 public:
  // ErrorKind::not_found when no log was begun there.
  static base::Result<LogReader> open(const std::filesystem::path& directory);

  // ErrorKind::corrupt when the index is not what a writer leaves; open() the same.
  base::Result<> refresh();

  // From `offset` on, at most `limit` bytes, never across a change of time stamp. An offset that
  // was cut moves on to the first byte that was kept.
  base::Result<Piece> read(std::uint64_t offset, std::size_t limit = std::size_t{64} << 10U);

  std::uint64_t end() const { return end_; }
  // The writer said that the output is complete. After a crash this stays false for ever.
  bool finished() const { return finished_; }
  const std::vector<LoggedCommand>& commands() const { return commands_; }
  // Where the last `lines` lines begin; a last line without newline counts.
  base::Result<std::uint64_t> tail_offset(std::uint64_t lines);

 private:
  struct Segment {
    std::uint64_t from = 0;
    std::uint64_t size = 0;
  };
  struct Merged {
    std::uint64_t tail_from = 0;
    std::uint64_t notice = 0;  // bytes of the notice in `log`
  };

  explicit LogReader(std::filesystem::path directory) : directory_(std::move(directory)) {}
  bool fits(const Record& record) const;
  base::Error damaged() const;
  void take(const Record& record);
  base::Result<> list_segments();
  void find_end(std::uint64_t log_size);
  base::Result<Record> record_number(std::uint64_t number);
  // The number of the first record whose key is greater than `value`; keys ascend.
  base::Result<std::uint64_t> first_beyond(std::uint64_t (*key)(const Record&),
                                           std::uint64_t value);
  // Where the line with `line` newlines before it begins, or the first byte kept after it.
  base::Result<std::uint64_t> line_begin(std::uint64_t line);
  base::Result<std::string> bytes_at(std::uint64_t offset, std::size_t limit);
  std::uint64_t first_kept(std::uint64_t offset) const;
  std::uint64_t tail_begin() const;

  std::filesystem::path directory_;
  host::UniqueFd log_;
  host::UniqueFd index_;
  std::uint64_t records_ = 0;  // whole ones taken so far
  std::uint64_t last_offset_ = 0;
  std::uint64_t end_ = 0;
  bool finished_ = false;
  std::optional<std::uint64_t> head_full_;
  std::optional<Merged> merged_;
  std::vector<Segment> segments_;
  std::vector<LoggedCommand> commands_;
};

}  // namespace pipeline::log
