// The files of a split stage: which of its jobs gets which, so that all take about as long. Pure
// and deterministic: every job of a run divides the same list in the same way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/model/stage.h"
#include "pipelines/plan/facts.h"
#include "pipelines/report/test_report.h"

namespace pipeline::plan {

// The files of one part, in the order of their paths: the longest first to the part that has least
// to do so far (Graham's LPT rule: at most a third above the best there is). A file that was never
// measured counts as the median of those that were; when none was, the files are dealt out one by
// one. Every file is in exactly one part.
std::vector<std::string> files_of_part(const std::vector<SplitFile>& files,
                                       const model::SplitPart& part);

// Those of a stage's part in a run; none: the stage divides no files.
std::optional<std::vector<std::string>> share_of(const Facts& facts, const std::string& stage,
                                                 const model::SplitPart& part);

// Notes how long the tests of each file took by a report. A test belongs to the file that the tool
// named, else to the one that its class is called after ("tests.cart_test.CartTest" to
// tests/cart_test.py), when that is one file only. Files of which the report knows nothing stay as
// they are.
void note_durations(const report::TestReport& report, std::vector<SplitFile>& files);

}  // namespace pipeline::plan
