#include "stages/log/writer.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "stages/host/file.h"

namespace pipeline::log {

using base::Error;
using base::Result;
using base::TimePoint;

namespace {

constexpr std::uint64_t kSmallestLimit = std::uint64_t{64} << 10U;
// Enough pieces that dropping the oldest keeps nearly the whole tail.
constexpr std::uint64_t kTailSegments = 8;
// One record a chunk would double the cost of a job that prints byte by byte; with these a time is
// at most this much too early, and a day of output costs 27 MiB of index at worst.
constexpr std::uint64_t kChunkBytes = std::uint64_t{64} << 10U;
constexpr auto kChunkTime = std::chrono::milliseconds(100);

Result<> copy_all(int from, int to, std::uint64_t size) {
  off_t position = 0;
  while (static_cast<std::uint64_t>(position) < size) {
    const auto left = static_cast<std::size_t>(size - static_cast<std::uint64_t>(position));
    const ssize_t done = ::sendfile(to, from, &position, left);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return base::fail(Error::from_errno(errno, "move the log's tail"));
    if (done == 0) return {};  // shorter than believed: an earlier write failed half way
  }
  return {};
}

// Every byte of a job's output passes here: blocks of a fixed size, whose count fits a byte, are
// what compilers turn into vector instructions at -O2; std::count they do not.
std::uint64_t count_newlines(std::string_view bytes) {
  constexpr std::size_t kBlock = 128;
  std::uint64_t lines = 0;
  for (; bytes.size() >= kBlock; bytes.remove_prefix(kBlock)) {
    std::uint8_t in_block = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
      in_block = static_cast<std::uint8_t>(in_block + (bytes.data()[i] == '\n' ? 1 : 0));
    }
    lines += in_block;
  }
  return lines + static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

void remove_leftovers(const std::filesystem::path& directory) {
  std::error_code ignored;  // what cannot be listed cannot be removed; create() then says why
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    if (entry.path().filename().string().starts_with(kTailPrefix)) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
}

}  // namespace

LogWriter::LogWriter(std::filesystem::path directory, std::uint64_t limit)
    : directory_(std::move(directory)),
      head_limit_(std::max(limit, kSmallestLimit) / 2),
      segment_limit_(head_limit_ / kTailSegments) {}

Result<LogWriter> LogWriter::create(const std::filesystem::path& directory, std::uint64_t limit) {
  remove_leftovers(directory);
  LogWriter writer(directory, limit);
  constexpr int kFlags = O_RDWR | O_CREAT | O_TRUNC;
  PIPELINE_ASSIGN(writer.log_, host::open_file(directory / kLogName, kFlags));
  PIPELINE_ASSIGN(writer.index_, host::open_file(directory / kIndexName, kFlags | O_APPEND));
  return writer;
}

Result<> LogWriter::record(RecordKind kind, std::uint32_t index, int status, TimePoint now) {
  const Record record{.offset = offset_,
                      .line = line_,
                      .time = now.time_since_epoch().count(),
                      .index = index,
                      .status = static_cast<std::int16_t>(status),
                      .kind = kind};
  char bytes[sizeof(Record)];
  std::memcpy(bytes, &record, sizeof bytes);
  return host::write_all(index_.get(), {bytes, sizeof bytes});
}

Result<> LogWriter::note_chunk(TimePoint now) {
  if (any_chunk_ && offset_ - recorded_offset_ < kChunkBytes && now - recorded_at_ < kChunkTime) {
    return {};
  }
  any_chunk_ = true;
  recorded_offset_ = offset_;
  recorded_at_ = now;
  return record(RecordKind::chunk, 0, 0, now);
}

Result<> LogWriter::store(std::string_view bytes) {
  PIPELINE_TRY(host::write_all(segment_file_ ? segment_file_.get() : log_.get(), bytes));
  offset_ += bytes.size();
  line_ += count_newlines(bytes);
  if (segment_file_) segments_.back().size += bytes.size();
  return {};
}

Result<> LogWriter::append(std::string_view bytes, TimePoint now) {
  if (bytes.empty()) return {};
  PIPELINE_TRY(note_chunk(now));
  if (offset_ < head_limit_) {
    const auto head = bytes.substr(0, head_limit_ - offset_);
    PIPELINE_TRY(store(head));
    bytes.remove_prefix(head.size());
  }
  if (bytes.empty()) return {};
  if (!segment_file_) {
    PIPELINE_TRY(record(RecordKind::head_full, 0, 0, now));
  }
  return append_tail(bytes, now);
}

Result<> LogWriter::append_tail(std::string_view bytes, TimePoint now) {
  while (!bytes.empty()) {
    if (!segment_file_ || segments_.back().size >= segment_limit_) {
      PIPELINE_TRY(open_segment(now));
    }
    const auto part = bytes.substr(0, segment_limit_ - segments_.back().size);
    PIPELINE_TRY(store(part));
    bytes.remove_prefix(part.size());
  }
  return {};
}

Result<> LogWriter::open_segment(TimePoint now) {
  const Segment next{.from = offset_};
  PIPELINE_ASSIGN(auto file, host::open_file(segment_path(next), O_RDWR | O_CREAT | O_TRUNC));
  // Dropped only now: a reader that follows never finds the end of the output missing.
  if (segments_.size() >= kTailSegments) {
    std::error_code ignored;
    std::filesystem::remove(segment_path(segments_.front()), ignored);
    segments_.pop_front();
  }
  segment_file_ = std::move(file);
  segments_.push_back(next);
  // So that lines can be counted from the oldest byte that is kept.
  return record(RecordKind::chunk, 0, 0, now);
}

std::filesystem::path LogWriter::segment_path(const Segment& segment) const {
  return directory_ / (kTailPrefix + std::to_string(segment.from));
}

Result<> LogWriter::command_started(std::uint32_t index, TimePoint now) {
  return record(RecordKind::command_started, index, 0, now);
}

Result<> LogWriter::command_finished(std::uint32_t index, int exit_code, TimePoint now) {
  return record(RecordKind::command_finished, index, exit_code, now);
}

Result<> LogWriter::finish(TimePoint now) {
  if (!segments_.empty()) {
    PIPELINE_TRY(move_tail_into_log(now));
  }
  return record(RecordKind::finished, 0, 0, now);
}

Result<> LogWriter::move_tail_into_log(TimePoint now) {
  const std::uint64_t from = segments_.front().from;
  const std::string notice = from > head_limit_ ? cut_notice(from - head_limit_) : "";
  PIPELINE_TRY(host::write_all(log_.get(), notice));
  for (const Segment& segment : segments_) {
    PIPELINE_ASSIGN(const auto file, host::open_file(segment_path(segment), O_RDONLY));
    PIPELINE_TRY(copy_all(file.get(), log_.get(), segment.size));
  }
  // Only this record makes the move true; before it, readers use head and segments.
  const std::uint64_t lines = std::exchange(line_, from);
  auto recorded = record(RecordKind::cut, static_cast<std::uint32_t>(notice.size()), 0, now);
  line_ = lines;
  PIPELINE_TRY(std::move(recorded));
  segment_file_.reset();
  for (const Segment& segment : segments_) {
    std::error_code ignored;  // a leftover segment is harmless behind the cut record
    std::filesystem::remove(segment_path(segment), ignored);
  }
  segments_.clear();
  return {};
}

}  // namespace pipeline::log
