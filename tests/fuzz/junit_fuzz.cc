// JUnit XML of a hostile job: read or refused, and whatever was read is bounded, valid UTF-8, and
// can be kept.
#include "pipelines/base/text.h"
#include "pipelines/report/report_json.h"
#include "stages/report/junit.h"
#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  report::TestReport report;
  const auto read = report::read_junit(input, report.tests);
  if (!read) FUZZ_EXPECT(read.error().kind() == base::ErrorKind::failed);
  for (const report::TestCase& test : report.tests) {
    FUZZ_EXPECT(test.name.size() <= report::kLongestName);
    FUZZ_EXPECT(test.details.size() <= report::kLongestDetails);
    FUZZ_EXPECT(test.message.size() <= report::kLongestDetails);
    FUZZ_EXPECT(base::is_valid_utf8(report::full_name(test)));
    FUZZ_EXPECT(test.message.find('\n') == std::string::npos);
  }
  const auto again = report::report_from_json(report::to_json(report));
  FUZZ_EXPECT(again);
  FUZZ_EXPECT(*again == report);
}
