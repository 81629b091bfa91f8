#include "stages/log/reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <thread>

#include "stages/host/file.h"

namespace pipeline::log {

using base::Error;
using base::Result;
using base::TimePoint;

namespace {

TimePoint time_of(const Record& record) {
  return TimePoint(std::chrono::microseconds(record.time));
}

Result<std::string> read_at(int fd, std::uint64_t position, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got =
        ::pread(fd, bytes.data() + have, size - have, static_cast<off_t>(position + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::fail(Error::from_errno(errno, "read the log"));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

Result<std::uint64_t> size_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return base::fail(Error::from_errno(errno, "look at the log"));
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

Result<LogReader> LogReader::open(const std::filesystem::path& directory) {
  LogReader reader(directory);
  PIPELINE_ASSIGN(reader.log_, host::open_file(directory / kLogName, O_RDONLY));
  PIPELINE_ASSIGN(reader.index_, host::open_file(directory / kIndexName, O_RDONLY));
  PIPELINE_TRY(reader.refresh());
  return reader;
}

Result<> LogReader::refresh() {
  // The segments before the index: a writer that finishes in between leaves us with a cut record,
  // which makes the segments unnecessary; the other way round they would be missed.
  PIPELINE_TRY(list_segments());
  PIPELINE_ASSIGN(const std::uint64_t log_size, size_of(log_.get()));
  PIPELINE_ASSIGN(const std::uint64_t index_size, size_of(index_.get()));
  constexpr std::uint64_t kBatch = 2048;
  const std::uint64_t whole = index_size / sizeof(Record);
  while (records_ < whole) {
    const auto count = static_cast<std::size_t>(std::min(kBatch, whole - records_));
    PIPELINE_ASSIGN(const std::string bytes,
                    read_at(index_.get(), records_ * sizeof(Record), count * sizeof(Record)));
    if (bytes.size() < sizeof(Record)) break;
    for (std::size_t at = 0; at + sizeof(Record) <= bytes.size(); at += sizeof(Record)) {
      Record record;
      std::memcpy(&record, bytes.data() + at, sizeof record);
      if (!fits(record)) return base::fail(damaged());
      take(record);
      ++records_;
    }
  }
  find_end(log_size);
  return {};
}

// What the writer could have written next. Reading on with anything else would show other bytes
// than were written, or go around in circles.
bool LogReader::fits(const Record& record) const {
  const bool known = record.version == 1 && record.kind >= RecordKind::chunk &&
                     record.kind <= RecordKind::finished;
  if (!known || finished_ || record.offset < last_offset_) return false;
  if (record.kind == RecordKind::head_full) return !head_full_;
  if (record.kind == RecordKind::cut) {
    return head_full_ && !merged_ && record.line >= *head_full_ && record.line <= record.offset;
  }
  return true;
}

Error LogReader::damaged() const {
  return Error(base::ErrorKind::corrupt, "the index of the log is damaged")
      .hint("the output itself is in " + (directory_ / kLogName).string());
}

void LogReader::take(const Record& record) {
  last_offset_ = record.offset;
  switch (record.kind) {
    case RecordKind::command_started:
      commands_.push_back({.index = record.index,
                           .begin = record.offset,
                           .end = record.offset,
                           .started_at = time_of(record),
                           .finished_at = std::nullopt});
      break;
    case RecordKind::command_finished:
      if (commands_.empty()) break;
      commands_.back().end = record.offset;
      commands_.back().finished_at = time_of(record);
      commands_.back().exit_code = record.status;
      break;
    case RecordKind::head_full:
      head_full_ = record.offset;
      break;
    case RecordKind::cut:
      merged_ = Merged{.tail_from = record.line, .notice = record.index};
      break;
    case RecordKind::finished:
      finished_ = true;
      end_ = record.offset;
      break;
    case RecordKind::chunk:
      break;
  }
}

Result<> LogReader::list_segments() {
  segments_.clear();
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, code)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kTailPrefix)) continue;
    Segment segment;
    const char* digits = name.data() + std::strlen(kTailPrefix);
    const char* last = name.data() + name.size();
    if (std::from_chars(digits, last, segment.from).ptr != last) continue;
    std::error_code gone;  // the writer may have dropped it meanwhile
    segment.size = entry.file_size(gone);
    if (!gone) segments_.push_back(segment);
  }
  if (code) return base::fail(Error::from_errno(code.value(), "list " + directory_.string()));
  std::sort(segments_.begin(), segments_.end(),
            [](const Segment& a, const Segment& b) { return a.from < b.from; });
  return {};
}

void LogReader::find_end(std::uint64_t log_size) {
  if (finished_) return;
  if (merged_) {
    const std::uint64_t before_tail = *head_full_ + merged_->notice;
    end_ = merged_->tail_from + (log_size > before_tail ? log_size - before_tail : 0);
  } else if (head_full_) {
    end_ = segments_.empty() ? *head_full_ : segments_.back().from + segments_.back().size;
  } else {
    end_ = log_size;
  }
  if (!commands_.empty() && !commands_.back().finished_at) commands_.back().end = end_;
}

std::uint64_t LogReader::tail_begin() const {
  if (merged_) return merged_->tail_from;
  if (!segments_.empty()) return segments_.front().from;
  return head_full_.value_or(0);
}

std::uint64_t LogReader::first_kept(std::uint64_t offset) const {
  if (!head_full_ || offset < *head_full_) return offset;
  return std::max(offset, tail_begin());
}

Result<std::string> LogReader::bytes_at(std::uint64_t offset, std::size_t limit) {
  if (!head_full_ || offset < *head_full_) {
    const std::uint64_t until = head_full_.value_or(end_);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(limit, until - offset));
    return read_at(log_.get(), offset, size);
  }
  if (merged_) {
    const std::uint64_t position = *head_full_ + merged_->notice + (offset - merged_->tail_from);
    return read_at(log_.get(), position, limit);
  }
  for (const Segment& segment : segments_) {
    if (offset >= segment.from + segment.size) continue;
    auto file =
        host::open_file(directory_ / (kTailPrefix + std::to_string(segment.from)), O_RDONLY);
    // Dropped or merged since refresh(): nothing for now, and the next refresh() knows more.
    if (!file) return std::string();
    const std::uint64_t within = offset - segment.from;
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(limit, segment.size - within));
    return read_at(file->get(), within, size);
  }
  return std::string();
}

Result<Piece> LogReader::read(std::uint64_t offset, std::size_t limit) {
  const std::uint64_t from = first_kept(offset);
  Piece piece{.offset = from, .next = from, .cut = from - offset, .at = {}, .bytes = {}};
  if (from >= end_) return piece;
  const auto offset_of = [](const Record& record) { return record.offset; };
  PIPELINE_ASSIGN(const std::uint64_t after, first_beyond(offset_of, from));
  std::uint64_t until = end_;
  if (after < records_) {
    PIPELINE_ASSIGN(const Record next, record_number(after));
    until = std::min(until, next.offset);
  }
  if (after > 0) {
    PIPELINE_ASSIGN(const Record here, record_number(after - 1));
    piece.at = time_of(here);
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(limit, until - from));
  PIPELINE_ASSIGN(piece.bytes, bytes_at(from, size));
  piece.next = from + piece.bytes.size();
  return piece;
}

// A file does not tell.
Result<> LogReader::wait(std::uint64_t /*offset*/, base::Duration patience) {
  std::this_thread::sleep_for(patience);
  return {};
}

Result<Record> LogReader::record_number(std::uint64_t number) {
  PIPELINE_ASSIGN(const std::string bytes,
                  read_at(index_.get(), number * sizeof(Record), sizeof(Record)));
  if (bytes.size() < sizeof(Record)) {
    return base::fail(base::ErrorKind::corrupt, "the log's index has shrunk");
  }
  Record record;
  std::memcpy(&record, bytes.data(), sizeof record);
  return record;
}

Result<std::uint64_t> LogReader::first_beyond(std::uint64_t (*key)(const Record&),
                                              std::uint64_t value) {
  std::uint64_t low = 0;
  std::uint64_t high = records_;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    PIPELINE_ASSIGN(const Record record, record_number(middle));
    // A cut record keeps something else in `line`; it is the last but one, so it counts as beyond.
    const bool beyond = record.kind == RecordKind::cut || key(record) > value;
    (beyond ? high : low) = beyond ? middle : middle + 1;
  }
  return low;
}

Result<std::uint64_t> LogReader::line_begin(std::uint64_t line) {
  if (line == 0) return 0;
  const auto line_of = [](const Record& record) { return record.line; };
  PIPELINE_ASSIGN(const std::uint64_t after, first_beyond(line_of, line - 1));
  std::uint64_t position = 0;
  std::uint64_t seen = 0;
  if (after > 0) {
    PIPELINE_ASSIGN(const Record before, record_number(after - 1));
    position = before.offset;
    seen = before.line;
  }
  for (;;) {
    PIPELINE_ASSIGN(const Piece piece, read(position));
    if (piece.bytes.empty() || piece.cut > 0) return piece.offset;
    for (std::size_t at = 0; at < piece.bytes.size(); ++at) {
      if (piece.bytes[at] == '\n' && ++seen == line) return piece.offset + at + 1;
    }
    position = piece.next;
  }
}

Result<std::uint64_t> LogReader::tail_offset(std::uint64_t lines) {
  if (lines == 0 || end_ == 0) return end_;
  std::uint64_t position = 0;
  std::uint64_t total = 0;
  if (records_ > 0) {
    const auto offset_of = [](const Record& record) { return record.offset; };
    PIPELINE_ASSIGN(const std::uint64_t after, first_beyond(offset_of, end_ - 1));
    if (after > 0) {
      PIPELINE_ASSIGN(const Record last, record_number(after - 1));
      position = last.offset;
      total = last.line;
    }
  }
  char last_byte = '\n';
  for (;;) {
    PIPELINE_ASSIGN(const Piece piece, read(position));
    if (piece.bytes.empty()) break;
    total += static_cast<std::uint64_t>(std::count(piece.bytes.begin(), piece.bytes.end(), '\n'));
    last_byte = piece.bytes.back();
    position = piece.next;
  }
  if (last_byte != '\n') ++total;
  return line_begin(total > lines ? total - lines : 0);
}

}  // namespace pipeline::log
