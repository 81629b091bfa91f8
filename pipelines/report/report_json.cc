#include "pipelines/report/report_json.h"

#include <boost/json.hpp>

namespace pipeline::report {

namespace {

namespace json = boost::json;

constexpr std::uint64_t kVersion = 1;

json::object object_of(const TestCase& test) {
  json::object object;
  const auto text = [&object](const char* key, const std::string& value) {
    if (!value.empty()) object[key] = value;
  };
  text("suite", test.suite);
  text("class", test.class_name);
  object["name"] = test.name;
  text("file", test.file);
  if (test.line > 0) object["line"] = test.line;
  if (test.duration.count() > 0) object["ms"] = test.duration.count();
  object["status"] = to_string(test.status);
  if (test.flaky) object["flaky"] = true;
  if (test.quarantined) object["quarantined"] = true;
  text("message", test.message);
  text("details", test.details);
  return object;
}

// Remembers that something was not of its type; what is absent is not.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  std::string text(const char* key) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr) return {};
    if (const json::string* text = value->if_string()) return {text->data(), text->size()};
    good_ = false;
    return {};
  }
  bool flag(const char* key) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr) return false;
    good_ = good_ && value->is_bool();
    return good_ && value->get_bool();
  }
  template <class Number>
  Number number(const char* key) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr) return 0;
    json::error_code error;
    const auto number = value->to_number<Number>(error);
    good_ = good_ && !error;
    return error ? 0 : number;
  }
  bool good() const { return good_; }

 private:
  const json::object& object_;
  bool good_ = true;
};

base::Result<TestCase> test_of(const json::value& value) {
  const auto corrupt = [] { return base::fail(base::ErrorKind::corrupt, "not a test's result"); };
  if (!value.is_object()) return corrupt();
  Fields fields(value.get_object());
  TestCase test;
  test.suite = fields.text("suite");
  test.class_name = fields.text("class");
  test.name = fields.text("name");
  test.file = fields.text("file");
  test.line = fields.number<std::uint32_t>("line");
  test.duration = base::Duration(fields.number<std::int64_t>("ms"));
  test.flaky = fields.flag("flaky");
  test.quarantined = fields.flag("quarantined");
  test.message = fields.text("message");
  test.details = fields.text("details");
  const auto status = test_status_from(fields.text("status"));
  if (!status || !fields.good()) return corrupt();
  test.status = *status;
  return test;
}

base::Result<std::optional<Coverage>> coverage_of(const json::object& root) {
  const json::value* value = root.if_contains("coverage");
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) {
    Fields fields(value->get_object());
    const Coverage coverage{fields.number<std::uint64_t>("lines_covered"),
                            fields.number<std::uint64_t>("lines")};
    if (fields.good()) return coverage;
  }
  return base::fail(base::ErrorKind::corrupt, "the coverage is not two numbers");
}

}  // namespace

std::string to_json(const TestCase& test) {
  return json::serialize(object_of(test));
}

std::string to_json(const TestReport& report) {
  json::array tests;
  tests.reserve(report.tests.size());
  for (const TestCase& test : report.tests) tests.push_back(object_of(test));
  json::object root{{"version", kVersion}, {"tests", std::move(tests)}};
  if (report.coverage) {
    root["coverage"] = {{"lines_covered", report.coverage->lines_covered},
                        {"lines", report.coverage->lines}};
  }
  return json::serialize(root);
}

base::Result<TestReport> report_from_json(std::string_view text) {
  json::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) {
    return base::fail(base::ErrorKind::corrupt, "not a test report");
  }
  const json::object& root = value.get_object();
  const json::value* tests = root.if_contains("tests");
  if (tests == nullptr || !tests->is_array()) {
    return base::fail(base::ErrorKind::corrupt, "the test report has no tests");
  }
  TestReport report;
  for (const json::value& item : tests->get_array()) {
    PIPELINE_ASSIGN(TestCase test, test_of(item));
    report.tests.push_back(std::move(test));
  }
  PIPELINE_ASSIGN(report.coverage, coverage_of(root));
  return report;
}

}  // namespace pipeline::report
