// `reports`.
#include "pipelines/config/scalars.h"
#include "pipelines/config/tables.h"

namespace pipeline::config {

namespace {

using model::CoverageFormat;
using model::CoverageSpec;
using model::ReportSpec;

const Table<CoverageSpec>& coverage_table() {
  static const auto the_table = [] {
    Table<CoverageSpec> table("coverage", "a file that says which lines the tests reached");
    table
        .key("format", choice<CoverageFormat>({{"cobertura", CoverageFormat::cobertura}}),
             &CoverageSpec::format, "what the file is")
        .required();
    table.key("path", path_glob(), &CoverageSpec::path, "the file, relative to the workspace")
        .required();
    return table;
  }();
  return the_table;
}

const Table<ReportSpec>& report_table() {
  static const auto the_table = [] {
    Table<ReportSpec> table("reports", "files in which the commands tell how their tests went");
    table.key("junit", one_or_list_of(path_glob()), &ReportSpec::junit,
              "patterns of JUnit XML files, relative to the workspace; each must match");
    table.key("coverage", table_type(coverage_table, "a table with format and path"),
              &ReportSpec::coverage, "a coverage report");
    table.key("quarantine", list_of(non_empty_text(), Empty::refused), &ReportSpec::quarantine,
              "names of tests (\"suite.name\", `*` and `?` allowed) that are reported but do not "
              "fail the job: not when they are all that failed in its last command");
    table.at_end([](const Node& node, ReportSpec& spec, Problems& problems) {
      if (spec.junit.empty() && !spec.coverage && node.table() != nullptr) {
        problems.error(node.span, "reports names no file", "junit = [\"build/junit.xml\"]");
      } else if (spec.junit.empty() && !spec.quarantine.empty()) {
        problems.error(Draft::span_of(node, "quarantine"),
                       "quarantine needs the tests' results to know which failed",
                       "add junit = [\"build/junit.xml\"]");
      }
    });
    return table;
  }();
  return the_table;
}

constexpr std::string_view kNone = "none";

}  // namespace

bool read_reports(const Node& node, std::optional<ReportSpec>& reports, Problems& problems) {
  const std::string* word = node.text();
  if (word != nullptr && *word == kNone) {
    reports.reset();
    return true;
  }
  if (node.table() != nullptr) return report_table().read(node, reports.emplace(), problems);
  return report_wrong_type(node, "a table with junit or coverage, or \"none\"", problems);
}

boost::json::object reports_schema(Definitions& definitions) {
  return {{"oneOf", boost::json::array{report_table().schema(definitions),
                                       boost::json::object{{"const", kNone}}}}};
}

}  // namespace pipeline::config
