// Coverage of a hostile job: read or refused, and never more than all of it.
#include "stages/report/cobertura.h"
#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  const auto coverage = report::read_cobertura(input);
  if (!coverage) {
    FUZZ_EXPECT(coverage.error().kind() == base::ErrorKind::failed);
    return;
  }
  FUZZ_EXPECT(coverage->lines_covered <= coverage->lines);
  FUZZ_EXPECT(report::line_rate(*coverage) >= 0 && report::line_rate(*coverage) <= 1);
}
