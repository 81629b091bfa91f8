#include "runner/store/test_history_json.h"

#include <boost/json.hpp>

#include "pipelines/base/timestamp.h"

namespace pipeline::store {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;

json::object json_of(const PastResult& result) {
  return {{"run", result.run},
          {"attempt", result.attempt},
          {"job", result.job},
          {"test", result.test},
          {"status", report::to_string(result.status)},
          {"flaky", result.flaky},
          {"ms", result.duration.count()},
          {"tree", result.tree},
          {"at", base::format_timestamp(result.at)}};
}

json::object json_of(const FlakyTest& test) {
  return {{"job", test.job},
          {"test", test.test},
          {"tree", test.tree},
          {"passed", test.passed},
          {"failed", test.failed}};
}

Result<PastResult> past_result_from_json(const json::value& value) try {
  PastResult result;
  result.run = value.at("run").to_number<run::RunId>();
  result.attempt = value.at("attempt").to_number<std::uint32_t>();
  result.job = value.at("job").as_string();
  result.test = value.at("test").as_string();
  const auto status = report::test_status_from(value.at("status").as_string());
  if (!status) return base::fail(ErrorKind::corrupt, "a test has no such status");
  result.status = *status;
  result.flaky = value.at("flaky").as_bool();
  result.duration = base::Duration(value.at("ms").to_number<base::Duration::rep>());
  result.tree = value.at("tree").as_string();
  PIPELINE_ASSIGN(result.at, base::parse_timestamp(value.at("at").as_string()));
  return result;
} catch (const std::exception& error) {
  return base::fail(ErrorKind::corrupt, std::string("this is no result: ") + error.what());
}

Result<FlakyTest> flaky_test_from_json(const json::value& value) try {
  FlakyTest test;
  test.job = value.at("job").as_string();
  test.test = value.at("test").as_string();
  test.tree = value.at("tree").as_string();
  test.passed = value.at("passed").to_number<std::uint64_t>();
  test.failed = value.at("failed").to_number<std::uint64_t>();
  return test;
} catch (const std::exception& error) {
  return base::fail(ErrorKind::corrupt, std::string("this is no test: ") + error.what());
}

}  // namespace pipeline::store
