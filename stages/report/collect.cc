#include "stages/report/collect.h"

#include <algorithm>
#include <limits>
#include <set>

#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "pipelines/report/quarantine.h"
#include "stages/artifact/selection.h"
#include "stages/host/file.h"
#include "stages/report/cobertura.h"
#include "stages/report/junit.h"
#include "stages/secret/masker.h"

namespace pipeline::report {

namespace {

using base::ErrorKind;
using base::Result;
using workspace::EntryType;
using workspace::MergedView;
using workspace::ViewEntry;

constexpr const char* kJunit = "reports.junit";
constexpr const char* kCoverage = "reports.coverage";

std::string quoted(const std::string& path) {
  return "\"" + base::printable(path) + "\"";
}

base::Error no_match(const std::string& key, const std::string& glob) {
  return base::Error(ErrorKind::failed, key + ": no file matched " + quoted(glob))
      .hint("the commands must write it, in the workspace; paths are relative to its root");
}

class Collector {
 public:
  Collector(const MergedView& view, bool complete) : view_(view), complete_(complete) {}

  Collected run(const model::ReportSpec& spec) {
    for (const std::string& glob : spec.junit) add_junit(glob);
    if (spec.coverage) add_coverage(spec.coverage->path);
    return std::move(collected_);
  }

 private:
  // The files that the glob means and that the job itself has written.
  std::vector<ViewEntry> files_of(const std::string& key, const std::string& glob) {
    auto entries = artifact::select(view_, {glob}, std::numeric_limits<std::uint64_t>::max(),
                                    artifact::Unmatched::allowed);
    if (!entries) {
      note(collected_.malformed,
           base::Error(entries.error().kind(), key + ": " + entries.error().to_string())
               .hint("a report is a plain file in the workspace"));
      return {};
    }
    std::erase_if(*entries, [this](const ViewEntry& entry) {
      return entry.type != EntryType::regular || !is_written(entry);
    });
    if (entries->empty()) note(collected_.missing, no_match(key, glob));
    return *std::move(entries);
  }

  bool is_written(const ViewEntry& entry) const {
    return complete_ || entry.layer + 1 == view_.layers();
  }

  static void note(std::optional<base::Error>& place, base::Error error) {
    if (!place) place = std::move(error);
  }

  Result<std::string> read(const ViewEntry& entry) {
    if (entry.size > kLargestReport) {
      return base::fail(ErrorKind::failed,
                        "it is larger than " + base::format_size(kLargestReport));
    }
    if (++files_ > kMostReportFiles) {
      return base::fail(ErrorKind::failed,
                        "there are more than " + std::to_string(kMostReportFiles) + " files");
    }
    bytes_ += entry.size;
    if (bytes_ > kMostReports) {
      return base::fail(ErrorKind::failed,
                        "the reports are larger than " + base::format_size(kMostReports));
    }
    PIPELINE_ASSIGN(const host::UniqueFd file, view_.open_file(entry));
    return host::read_all(file.get(), kLargestReport);
  }

  void cannot_use(const std::string& path, const base::Error& error) {
    base::Error told(error.kind(),
                     "cannot use the report " + quoted(path) + ": " + error.to_string());
    if (error.hint()) told = std::move(told).hint(*error.hint());
    note(collected_.malformed, std::move(told));
  }

  void add_junit(const std::string& glob) {
    for (const ViewEntry& entry : files_of(kJunit, glob)) {
      const bool is_new = seen_.insert(entry.path).second;  // globs may overlap
      if (!is_new) continue;
      const auto bytes = read(entry);
      const auto added =
          bytes ? read_junit(*bytes, collected_.report.tests) : Result<>(base::fail(bytes.error()));
      if (!added) cannot_use(entry.path, added.error());
    }
  }

  void add_coverage(const std::string& path) {
    for (const ViewEntry& entry : files_of(kCoverage, path)) {
      const auto bytes = read(entry);
      const auto coverage =
          bytes ? read_cobertura(*bytes) : Result<Coverage>(base::fail(bytes.error()));
      if (!coverage) {
        cannot_use(entry.path, coverage.error());
        continue;
      }
      Coverage& sum =
          collected_.report.coverage.emplace(collected_.report.coverage.value_or(Coverage{}));
      sum.lines += coverage->lines;
      sum.lines_covered += coverage->lines_covered;
    }
  }

  const MergedView& view_;
  const bool complete_;
  Collected collected_;
  std::set<std::string> seen_;
  std::size_t files_ = 0;
  std::uint64_t bytes_ = 0;
};

void mask(std::string& text, secret::Masker& masker) {
  std::string masked;
  const auto sink = [&masked](std::string_view bytes) { masked += bytes; };
  masker.write(text, sink);
  masker.flush(sink);
  text = std::move(masked);
}

void mask(TestReport& report, const std::vector<std::string>& secrets) {
  secret::Masker masker(secrets);
  if (masker.has_nothing_to_hide()) return;
  for (TestCase& test : report.tests) {
    for (std::string* text :
         {&test.suite, &test.class_name, &test.name, &test.file, &test.message, &test.details}) {
      mask(*text, masker);
    }
  }
}

void make_relative(TestReport& report, const std::filesystem::path& workspace) {
  const std::string prefix = workspace.string() + "/";
  for (TestCase& test : report.tests) {
    const auto at = test.file.find(prefix);  // also behind "file://"
    if (at != std::string::npos) test.file.erase(0, at + prefix.size());
    while (test.file.starts_with("./")) test.file.erase(0, 2);
  }
}

}  // namespace

Result<Collected> collect(const model::ReportSpec& spec, const workspace::Leftovers& leftovers,
                          const std::filesystem::path& workspace,
                          const std::vector<std::string>& secrets) {
  PIPELINE_ASSIGN(const MergedView view, workspace::view_of(leftovers));
  Collected collected = Collector(view, leftovers.complete).run(spec);
  make_relative(collected.report, workspace);
  mask(collected.report, secrets);
  quarantine(collected.report, spec.quarantine);
  return collected;
}

}  // namespace pipeline::report
