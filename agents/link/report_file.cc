#include "agents/link/report_file.h"

#include <fcntl.h>

#include "pipelines/run/event_json.h"
#include "stages/host/file.h"

namespace pipeline::link {

using base::Result;

std::filesystem::path report_file_of(const std::filesystem::path& log_directory) {
  return log_directory / "events.jsonl";
}

Result<ReportWriter> ReportWriter::open(const std::filesystem::path& log_directory) {
  PIPELINE_ASSIGN(host::UniqueFd file, host::open_file(report_file_of(log_directory),
                                                       O_WRONLY | O_CREAT | O_APPEND, 0600));
  return ReportWriter(std::move(file));
}

Result<> ReportWriter::append(const run::EventBody& report, base::TimePoint at) {
  // What a full disk cut off is a line of its own, which no reader understands.
  std::string line = cut_off_ ? "\n" : "";
  line += run::to_json(run::Event{++count_, at, report}) + "\n";
  auto written = host::write_all(file_.get(), line);
  cut_off_ = !written;
  return written;
}

Result<std::vector<run::Event>> ReportReader::read() {
  if (!file_) {
    auto opened = host::open_file(path_, O_RDONLY);
    if (!opened) {
      if (opened.error().kind() == base::ErrorKind::not_found) return std::vector<run::Event>();
      return base::fail(std::move(opened).error());
    }
    file_ = *std::move(opened);
  }
  PIPELINE_ASSIGN(const std::string more, host::read_all(file_.get()));
  rest_ += more;
  return take_reports(rest_);
}

std::vector<run::Event> take_reports(std::string& text) {
  std::vector<run::Event> reports;
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    auto event = run::event_from_json(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
    if (event) reports.push_back(*std::move(event));
  }
  text.erase(0, begin);
  return reports;
}

const run::JobFinished* end_among(const std::vector<run::Event>& reports) {
  for (const run::Event& report : reports)
    if (const auto* finished = std::get_if<run::JobFinished>(&report.body)) return finished;
  return nullptr;
}

}  // namespace pipeline::link
