// Writes a job's log as format.h describes it: append-only, nothing buffered but one index record,
// so that a reader sees every byte at once and a kill -9 loses none that append() took.
//
// Order of calls: create() → (append() | command_started() | command_finished())* → finish(). One
// thread. Memory is constant; disk is the limit plus one segment. After an error (disk full) the
// caller decides; further calls are allowed.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"
#include "stages/log/format.h"

namespace pipeline::log {

class LogWriter {
 public:
  // Truncates what an earlier attempt left in the directory. `limit`: bytes kept, half of them
  // head, half tail; at least 64 KiB.
  static base::Result<LogWriter> create(const std::filesystem::path& directory,
                                        std::uint64_t limit);

  base::Result<> append(std::string_view bytes, base::TimePoint now);
  base::Result<> command_started(std::uint32_t index, base::TimePoint now);
  base::Result<> command_finished(std::uint32_t index, int exit_code, base::TimePoint now);
  // Moves the tail into `log`. Without this call, after a crash, a reader finds the same bytes.
  base::Result<> finish(base::TimePoint now);

 private:
  struct Segment {
    std::uint64_t from = 0;
    std::uint64_t size = 0;
  };

  LogWriter(std::filesystem::path directory, std::uint64_t limit);
  base::Result<> record(RecordKind kind, std::uint32_t index, int status, base::TimePoint now);
  base::Result<> note_chunk(base::TimePoint now);
  base::Result<> store(std::string_view bytes);
  base::Result<> append_tail(std::string_view bytes, base::TimePoint now);
  base::Result<> open_segment(base::TimePoint now);
  base::Result<> move_tail_into_log(base::TimePoint now);
  std::filesystem::path segment_path(const Segment& segment) const;

  std::filesystem::path directory_;
  std::uint64_t head_limit_;
  std::uint64_t segment_limit_;
  host::UniqueFd log_;
  host::UniqueFd index_;
  host::UniqueFd segment_file_;
  std::deque<Segment> segments_;
  std::uint64_t offset_ = 0;
  std::uint64_t line_ = 0;
  std::uint64_t recorded_offset_ = 0;  // of the last chunk record
  base::TimePoint recorded_at_{};
  bool any_chunk_ = false;
};

}  // namespace pipeline::log
