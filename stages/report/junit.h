// Reads JUnit XML, of which there is no standard but what tools write: Ant's format as surefire,
// pytest, gradle, jest, GoogleTest, CTest and many others took it up. Understood are documents that
// begin at any of <testsuites>, <testsuite> and a wrapper around them, several documents in one
// file, nested suites, reruns (<flakyFailure>, <rerunFailure> of surefire), `status` and `result`
// words in place of elements, numbers with a comma, and output that is no XML (xml_text.h).
// Pure; bounded in what it keeps.
#pragma once

#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/report/test_report.h"

namespace pipeline::report {

inline constexpr std::size_t kMostTests = 200'000;           // of one job
inline constexpr std::size_t kLongestName = 1024;            // bytes
inline constexpr std::size_t kLongestDetails = 16UL << 10U;  // bytes of one test
// Of all tests of a job together; what comes after keeps its message only.
inline constexpr std::size_t kMostDetails = 8UL << 20U;

// Appends the file's tests. ErrorKind::failed with the place in the file when it is no JUnit XML,
// or when there are more than kMostTests; `tests` then holds what came before.
base::Result<> read_junit(std::string_view bytes, std::vector<TestCase>& tests);

}  // namespace pipeline::report
