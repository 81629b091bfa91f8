// Reads a job's log where it was written, whole or in part, while it is written or after its writer
// was killed. The index is seeked, never held.
//
// Order of calls: open() → those of LogSource. Beside them:
//   follow:   wait while !finished()
//   command:  read() from command.begin to command.end
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
#include "stages/log/source.h"

namespace pipeline::log {

struct LoggedCommand {
  std::uint32_t index = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // of the output so far while it runs
  base::TimePoint started_at;
  std::optional<base::TimePoint> finished_at;
  int exit_code = 0;
};

class LogReader final : public LogSource {
 public:
  // ErrorKind::not_found when no log was begun there.
  static base::Result<LogReader> open(const std::filesystem::path& directory);

  // ErrorKind::corrupt when the index is not what a writer leaves; open() the same.
  base::Result<> refresh() override;

  using LogSource::read;
  base::Result<Piece> read(std::uint64_t offset, std::size_t limit) override;
  std::uint64_t end() const override { return end_; }
  base::Result<> wait(std::uint64_t offset, base::Duration patience) override;
  // The writer said that the output is complete. After a crash this stays false for ever.
  bool finished() const { return finished_; }
  const std::vector<LoggedCommand>& commands() const { return commands_; }
  base::Result<std::uint64_t> tail_offset(std::uint64_t lines) override;

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
