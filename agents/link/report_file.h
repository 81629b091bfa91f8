// What an attempt reported, one event a line, beside its log. One process appends, any number read.
// A line counts once it is whole; what a killed writer left of another is none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/run/event.h"
#include "stages/host/unique_fd.h"

namespace pipeline::link {

std::filesystem::path report_file_of(const std::filesystem::path& log_directory);

class ReportWriter {
 public:
  static base::Result<ReportWriter> open(const std::filesystem::path& log_directory);
  // Survives the death of this process, not that of the machine.
  base::Result<> append(const run::EventBody& report, base::TimePoint at);

 private:
  explicit ReportWriter(host::UniqueFd file) : file_(std::move(file)) {}
  host::UniqueFd file_;
  std::uint64_t count_ = 0;
  bool cut_off_ = false;  // the last line did not get to its end
};

class ReportReader {
 public:
  // The file need not be there yet.
  explicit ReportReader(const std::filesystem::path& log_directory)
      : path_(report_file_of(log_directory)) {}
  // What came since the last call.
  base::Result<std::vector<run::Event>> read();

 private:
  std::filesystem::path path_;
  host::UniqueFd file_;
  std::string rest_;  // the beginning of a line whose end is not there yet
};

// The events of the whole lines that `text` begins with; what is left of it stays. A line that is
// no event is passed over: a full disk cut it off, and what came after it counts. Pure.
std::vector<run::Event> take_reports(std::string& text);

// How the attempt ended, as one of the reports says it; null as long as none does.
const run::JobFinished* end_among(const std::vector<run::Event>& reports);

}  // namespace pipeline::link
