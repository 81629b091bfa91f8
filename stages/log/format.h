// How a job's log lies on disk. `pipelines logs`, the helper that writes it and every later reader
// agree here.
//
//   log               the bytes as they came, readable with cat. When the output was larger than
//   its
//                     limit: the head, one line that says how much is missing, the tail.
//   log.tail.<from>   only while the job runs beyond its limit, or after a crash: pieces of the
//   tail,
//                     named by the offset of their first byte. finish() moves them into `log`.
//   services/<name>/  the same of each of the job's services
//   log.index         fixed-size records, in the order of their offsets. A torn last one is
//   ignored.
//
// Offsets count the bytes of the whole masked output, those that were cut included, so that an
// offset stays valid for ever. Numbers are in the machine's byte order: a log is read where it was
// written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace pipeline::log {

enum class RecordKind : std::uint8_t {
  chunk = 1,             // bytes from `offset` on came at `time`
  command_started = 2,   // command `index`
  command_finished = 3,  // command `index`, exit code `status`
  head_full = 4,         // `log` holds the bytes before `offset`; what follows is in log.tail.*
  cut = 5,               // the tail, which begins at `line` (!) of the output, was moved into `log`
                         // behind a notice of `index` bytes
  finished = 6,          // the output ended at `offset`
};

struct Record {
  std::uint64_t offset = 0;
  std::uint64_t line = 0;  // newlines before `offset`
  std::int64_t time = 0;   // microseconds since 1970
  std::uint32_t index = 0;
  std::int16_t status = 0;
  RecordKind kind = RecordKind::chunk;
  std::uint8_t version = 1;
};
static_assert(sizeof(Record) == 32, "records are seeked by their number");

inline constexpr const char* kLogName = "log";
inline constexpr const char* kIndexName = "log.index";
inline constexpr const char* kTailPrefix = "log.tail.";

// Where the log of one of the job's services lies, in the same form.
std::filesystem::path service_log(const std::filesystem::path& job_log, const std::string& service);

// The line that stands in `log` for what was cut.
std::string cut_notice(std::uint64_t bytes);

}  // namespace pipeline::log
