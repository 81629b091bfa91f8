// Reads Cobertura's coverage XML (coverage-04.dtd), as gcovr, coverage.py, JaCoCo's and istanbul's
// converters and many others write it: the numbers of its root, and where a tool leaves those out,
// the lines one by one. Pure.
#pragma once

#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/report/test_report.h"

namespace pipeline::report {

// ErrorKind::failed with the place in the file when it is none.
base::Result<Coverage> read_cobertura(std::string_view bytes);

}  // namespace pipeline::report
