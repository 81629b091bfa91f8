#include "stages/report/junit.h"

#include <algorithm>
#include <optional>

#include "pipelines/base/text.h"
#include "stages/report/junit_words.h"
#include "stages/report/source_place.h"
#include "stages/report/xml_reader.h"
#include "stages/report/xml_text.h"

namespace pipeline::report {

namespace {

using base::Result;

constexpr std::size_t kMostKept = 64UL << 10U;  // of one element's text, while it is read

struct Suite {
  std::string name;
  std::string file;
  bool is_container = false;  // <testsuites>: its name is the tool's, or the run's
};

// What one element inside a test said.
struct Said {
  std::string type;
  std::string message;
  std::string text;
};

struct OpenTest {
  TestCase test;
  std::string status_word;
  std::optional<Said> error, failure, skipped, rerun;
  bool was_flaky = false;
  std::string output;  // <system-out>, for tools that say nothing else
};

// Keeps the first and goes on with the text of those that follow.
void add(std::optional<Said>& said, Said more) {
  if (!said) {
    said = std::move(more);
  } else if (said->text.size() + more.text.size() < kMostKept) {
    said->text += "\n" + (more.text.empty() ? more.message : more.text);
  }
}

class JunitVisitor final : public XmlVisitor {
 public:
  explicit JunitVisitor(std::vector<TestCase>& tests) : tests_(tests) {
    for (const TestCase& test : tests_) kept_ += test.details.size();
  }

  Result<> open(std::string_view element, const Attributes& attributes) override;
  Result<> close(std::string_view element) override;
  void text(std::string_view utf8) override {
    if (taken_ && taken_->text.size() + utf8.size() <= kMostKept) taken_->text += utf8;
  }

  bool saw_a_report() const { return saw_a_report_; }
  const std::string& root() const { return root_; }

 private:
  void open_suite(const Attributes& attributes, bool is_container);
  void open_test(const Attributes& attributes);
  Result<> close_test();
  Result<> finish(OpenTest open);
  Result<> close_said(ElementKind kind);
  std::string suite_path() const;

  std::vector<TestCase>& tests_;
  std::size_t kept_ = 0;
  std::vector<Suite> suites_;
  std::vector<OpenTest> open_;
  std::optional<Said> taken_;  // of the element that is open
  ElementKind taken_kind_ = ElementKind::other;
  std::size_t inside_taken_ = 0;  // elements inside it: some tools write HTML
  std::string root_;
  bool saw_a_report_ = false;
};

Result<> JunitVisitor::open(std::string_view element, const Attributes& attributes) {
  if (root_.empty()) root_ = element;
  if (taken_) {
    ++inside_taken_;
    return {};
  }
  const ElementKind kind = element_kind(element);
  switch (kind) {
    case ElementKind::suites:
    case ElementKind::suite:
      open_suite(attributes, kind == ElementKind::suites);
      break;
    case ElementKind::test:
      open_test(attributes);
      break;
    case ElementKind::other:
      break;
    case ElementKind::failure:
    case ElementKind::error:
    case ElementKind::skipped:
    case ElementKind::flaky:
    case ElementKind::rerun:
    case ElementKind::output:
      taken_ = Said{.type = std::string(attributes["type"]),
                    .message = shortened(attributes["message"], kMostKept),
                    .text = {}};
      taken_kind_ = kind;
      inside_taken_ = 0;
      break;
  }
  return {};
}

Result<> JunitVisitor::close(std::string_view element) {
  if (taken_ && inside_taken_ > 0) {
    --inside_taken_;
    return {};
  }
  if (taken_) return close_said(taken_kind_);
  switch (element_kind(element)) {
    case ElementKind::suites:
    case ElementKind::suite:
      suites_.pop_back();
      break;
    case ElementKind::test:
      return close_test();
    case ElementKind::failure:
    case ElementKind::error:
    case ElementKind::skipped:
    case ElementKind::flaky:
    case ElementKind::rerun:
    case ElementKind::output:
    case ElementKind::other:
      break;
  }
  return {};
}

void JunitVisitor::open_suite(const Attributes& attributes, bool is_container) {
  saw_a_report_ = true;
  std::string file(attributes["file"]);
  if (file.empty()) file = attributes["filepath"];
  if (file.empty() && !suites_.empty()) file = suites_.back().file;
  suites_.push_back(
      {shortened(attributes["name"], kLongestName), shortened(file, kLongestName), is_container});
}

void JunitVisitor::open_test(const Attributes& attributes) {
  saw_a_report_ = true;
  OpenTest open;
  TestCase& test = open.test;
  test.suite = suite_path();
  test.name = shortened(attributes["name"], kLongestName);
  for (const char* name : {"classname", "class", "className"}) {
    if (test.class_name.empty()) test.class_name = shortened(attributes[name], kLongestName);
  }
  test.file = shortened(attributes["file"], kLongestName);
  if (test.file.empty() && !suites_.empty()) test.file = suites_.back().file;
  test.line = parse_line(attributes["line"]);
  test.duration = parse_seconds(attributes["time"]);
  open.status_word = shortened(attributes["result"], kLongestName);
  if (status_from_word(open.status_word) == TestStatus::passed) {
    open.status_word = shortened(attributes["status"], kLongestName);
  }
  open_.push_back(std::move(open));
}

// Of a test, or of a suite that could not even begin.
Result<> JunitVisitor::close_said(ElementKind kind) {
  Said said = *std::exchange(taken_, std::nullopt);
  if (open_.empty()) {
    if (kind != ElementKind::failure && kind != ElementKind::error) return {};
    OpenTest open;
    open.test.suite = suite_path();
    open.test.name = suites_.empty() ? std::string() : suites_.back().name;
    open.test.file = suites_.empty() ? std::string() : suites_.back().file;
    (kind == ElementKind::error ? open.error : open.failure) = std::move(said);
    return finish(std::move(open));
  }
  OpenTest& open = open_.back();
  switch (kind) {
    case ElementKind::failure:
      add(open.failure, std::move(said));
      break;
    case ElementKind::error:
      add(open.error, std::move(said));
      break;
    case ElementKind::skipped:
      add(open.skipped, std::move(said));
      break;
    case ElementKind::flaky:
      open.was_flaky = true;
      add(open.rerun, std::move(said));
      break;
    case ElementKind::rerun:
      add(open.rerun, std::move(said));
      break;
    case ElementKind::output:
      if (open.output.empty()) open.output = std::move(said.text);
      break;
    case ElementKind::suites:
    case ElementKind::suite:
    case ElementKind::test:
    case ElementKind::other:
      break;
  }
  return {};
}

Result<> JunitVisitor::close_test() {
  if (open_.empty()) return {};
  OpenTest open = std::move(open_.back());
  open_.pop_back();
  return finish(std::move(open));
}

// Says nothing that is not said beside it: the place alone, or the test's own name.
bool repeats(const std::string& line, const TestCase& test) {
  const auto place = find_place(line);
  if (place && place_of(place->file, place->line) == line) return true;
  return !test.class_name.empty() && line.starts_with(test.class_name + "::" + test.name);
}

// What a line that ends in a colon announces.
void add_what_follows(std::string& message, const std::vector<std::string>& lines, std::size_t at) {
  constexpr std::size_t kMostFollowing = 2;
  std::vector<std::string> following;
  for (; at < lines.size() && following.size() < kMostFollowing; ++at) {
    const std::string line(base::trim(base::printable(lines[at])));
    if (!line.empty()) following.push_back(line);
  }
  if (!following.empty()) message += " " + base::join(following, ", ");
}

// The line that says most: of the message, else of the text, else its type.
std::string message_of(const Said& said, const TestCase& test) {
  std::string second_best;
  for (const std::string* candidate : {&said.message, &said.text, &said.type}) {
    const std::vector<std::string> lines = base::split(*candidate, '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::string line(base::trim(base::printable(lines[i])));
      if (line.empty()) continue;
      if (!repeats(line, test)) {
        if (line.ends_with(':')) add_what_follows(line, lines, i + 1);
        return shortened(line, kLongestDetails);
      }
      if (second_best.empty()) second_best = line;
    }
  }
  return shortened(second_best, kLongestDetails);
}

// A failure's line is worth more than the line at which its test begins.
void place(TestCase& test, const std::string& text) {
  auto found = find_place(text, test.file);
  if (!found && test.line == 0) found = find_place(text);
  if (!found) return;
  test.line = found->line;
  // A suffix of a path, or only the file's name, is what a stack trace of Java has.
  if (test.file.empty() || found->file.size() >= test.file.size()) test.file = found->file;
}

Result<> JunitVisitor::finish(OpenTest open) {
  if (tests_.size() == kMostTests) {
    return base::fail(base::ErrorKind::failed,
                      "more than " + std::to_string(kMostTests) + " tests in one job");
  }
  TestCase test = std::move(open.test);
  test.status = status_from_word(open.status_word);
  const Said* said = nullptr;
  const auto choose = [&](const std::optional<Said>& candidate, TestStatus status) {
    if (!candidate || said != nullptr) return;
    said = &*candidate;
    test.status = status;
  };
  choose(open.error, TestStatus::errored);
  choose(open.failure, TestStatus::failed);
  choose(open.skipped, TestStatus::skipped);
  if (said == nullptr && open.rerun) said = &*open.rerun;
  test.flaky = open.was_flaky && test.status == TestStatus::passed;
  if (said != nullptr) {
    test.message = message_of(*said, test);
    test.details = said->text.empty() ? said->message : said->text;
  }
  if (is_failure(test)) {
    // CTest and its like say in the output alone what was wrong.
    if (base::trim(test.details).empty()) test.details = open.output;
    place(test, (said == nullptr ? std::string() : said->message + "\n") + test.details);
    if (test.message.empty()) test.message = base::printable(open.status_word);
  }
  test.details = shortened(base::trim(test.details), kLongestDetails);
  if (kept_ + test.details.size() > kMostDetails) test.details.clear();
  kept_ += test.details.size();
  tests_.push_back(std::move(test));
  return {};
}

std::string JunitVisitor::suite_path() const {
  std::vector<std::string> names;
  for (const Suite& suite : suites_) {
    const bool is_new = names.empty() || names.back() != suite.name;
    if (!suite.is_container && !suite.name.empty() && is_new) names.push_back(suite.name);
  }
  return shortened(base::join(names, " > "), kLongestName);
}

}  // namespace

Result<> read_junit(std::string_view bytes, std::vector<TestCase>& tests) {
  JunitVisitor visitor(tests);
  PIPELINE_TRY(read_xml(as_xml(bytes), visitor));
  if (visitor.saw_a_report()) return {};
  return base::fail(base::Error(base::ErrorKind::failed,
                                "<" + base::printable(visitor.root()) + "> is no JUnit report")
                        .hint("its root is <testsuites> or <testsuite>; most test tools have an "
                              "option for it"));
}

}  // namespace pipeline::report
