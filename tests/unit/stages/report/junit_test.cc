#include "stages/report/junit.h"

#include <gtest/gtest.h>

#include "stages/report/junit_words.h"
#include "stages/report/source_place.h"
#include "stages/report/xml_reader.h"
#include "stages/report/xml_text.h"

namespace pipeline::report {
namespace {

using std::chrono::milliseconds;

std::vector<TestCase> tests_of(std::string_view xml) {
  std::vector<TestCase> tests;
  const auto read = read_junit(xml, tests);
  EXPECT_TRUE(read) << read.error().to_string();
  return tests;
}

std::string refusal_of(std::string_view xml) {
  std::vector<TestCase> tests;
  const auto read = read_junit(xml, tests);
  return read ? "none" : read.error().to_string();
}

TEST(Junit, BeginsAtSuitesASuiteOrAWrapper) {
  for (const char* xml :
       {"<testsuites><testsuite><testcase name='a'/></testsuite></testsuites>",
        "<testsuite><testcase name='a'/></testsuite>",
        "<results><testsuite><testcase name='a'/></testsuite></results>", "<testcase name='a'/>",
        "\n\n<?xml version='1.0'?><x:testsuite xmlns:x='y'><x:testcase name='a'/></x:testsuite>"}) {
    const auto tests = tests_of(xml);
    ASSERT_EQ(tests.size(), 1U) << xml;
    EXPECT_EQ(full_name(tests[0]), "a");
    EXPECT_EQ(tests[0].status, TestStatus::passed);
  }
}

TEST(Junit, TakesDocumentsInARowForOne) {
  const auto tests = tests_of(
      "<?xml version='1.0'?><testsuite name='s'><testcase name='a'/></testsuite>\n"
      "<?xml version='1.0'?><testsuite name='t'><testcase name='b'/></testsuite><testsuite/>");
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(full_name(tests[0]), "s.a");
  EXPECT_EQ(full_name(tests[1]), "t.b");
}

TEST(Junit, NestedSuitesArePathsThatRepeatNothing) {
  const auto tests = tests_of(
      "<testsuites name='tool'><testsuite name='a'><testsuite name='a'><testsuite name='b'>"
      "<testcase name='t'/></testsuite></testsuite><testcase name='u'/></testsuite></testsuites>");
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0].suite, "a > b");
  EXPECT_EQ(tests[1].suite, "a");
}

TEST(Junit, RerunsOfSurefireAreFlakyOnlyWhenOnePassed) {
  const auto tests = tests_of(
      "<testsuite><testcase name='a'><flakyFailure message='once'>x</flakyFailure></testcase>"
      "<testcase name='b'><failure message='1'/><rerunFailure message='2'/></testcase>"
      "</testsuite>");
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0].status, TestStatus::passed);
  EXPECT_TRUE(tests[0].flaky);
  EXPECT_EQ(tests[0].message, "once");
  EXPECT_EQ(tests[1].status, TestStatus::failed);
  EXPECT_FALSE(tests[1].flaky);
  EXPECT_EQ(tests[1].message, "1");
}

TEST(Junit, AnErrorOutweighsAFailureAndAFailureASkip) {
  const auto tests = tests_of(
      "<testsuite><testcase name='a'><failure message='f'/><error message='e'/></testcase>"
      "<testcase name='b'><skipped message='s'/><failure message='f'/></testcase></testsuite>");
  EXPECT_EQ(tests.at(0).status, TestStatus::errored);
  EXPECT_EQ(tests.at(0).message, "e");
  EXPECT_EQ(tests.at(1).status, TestStatus::failed);
}

TEST(Junit, ASuiteThatCouldNotBeginIsAFailureOfItsOwn) {
  const auto tests = tests_of("<testsuite name='s'><error message='no database'/></testsuite>");
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_EQ(full_name(tests[0]), "s");
  EXPECT_EQ(tests[0].status, TestStatus::errored);
}

TEST(Junit, ToleratesWhatToolsPrintAndXmlForbids) {
  const auto tests = tests_of(
      "<testsuite><testcase name='a'><failure message='&#27;[31mred&#x1b;[0m &#0;'>"
      "\x1b[1mbold\x1b[0m \x01 \xff</failure></testcase></testsuite>");
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_EQ(tests[0].message, "red \xEF\xBF\xBD");
  EXPECT_EQ(tests[0].details, "bold \xEF\xBF\xBD \xEF\xBF\xBD");
}

TEST(Junit, ReadsOtherEncodings) {
  EXPECT_EQ(tests_of("<?xml version='1.0' encoding='ISO-8859-1'?><testcase name='\xe9'/>")[0].name,
            "é");
  EXPECT_EQ(
      tests_of("<?xml version='1.0' encoding='windows-1252'?><testcase name='\xe9'/>")[0].name,
      "é");
  // .NET writes a string, and says what a string is made of.
  EXPECT_EQ(tests_of("<?xml version='1.0' encoding='utf-16'?><testcase name='é'/>")[0].name, "é");
  std::string wide = "\xff\xfe";
  for (const char byte : std::string_view("<testcase name='a'/>")) wide += {byte, '\0'};
  EXPECT_EQ(tests_of(wide)[0].name, "a");
}

TEST(Junit, RefusesWhatIsNoReportByItsPlace) {
  EXPECT_EQ(refusal_of(""), "the file is empty");
  EXPECT_EQ(refusal_of("<testsuite>\n<testcase></testsuite>"), "line 2, column 13: mismatched tag");
  EXPECT_EQ(refusal_of("<testsuite/>\n<testsuite>\n"), "line 3, column 1: no element found");
  EXPECT_EQ(refusal_of("<assemblies/>"), "<assemblies> is no JUnit report");
  EXPECT_EQ(refusal_of("Error: no tests"), "line 1, column 1: syntax error");
}

TEST(Junit, RefusesEntitiesOfTheDocumentsOwnAndWhatIsTooDeep) {
  EXPECT_EQ(refusal_of("<!DOCTYPE t [<!ENTITY a 'aaa'>]><testsuite name='&a;'/>"),
            "line 1, column 25: declares the entity \"a\"");
  EXPECT_EQ(refusal_of("<!DOCTYPE t [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><testsuite/>"),
            "line 1, column 52: declares the entity \"a\"");
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "<testsuite>";
  EXPECT_EQ(refusal_of(deep), "line 1, column 1101: nested deeper than 100 elements");
}

TEST(Junit, KeepsNoMoreThanItsBounds) {
  const std::string details(1'000'000, 'x');
  const auto tests = tests_of("<testsuite><testcase name='" + std::string(5000, 'n') +
                              "'><failure>" + details + "</failure></testcase></testsuite>");
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_LE(tests[0].name.size(), kLongestName);
  EXPECT_LE(tests[0].details.size(), kLongestDetails);
}

TEST(Junit, TellsWhereAFailureIs) {
  const auto tests = tests_of(
      "<testsuite file='t/cart_test.py'><testcase name='a' file='t/cart_test.py' line='3'><failure>"
      "lib/x.py:9: in f\nt/cart_test.py:12: AssertionError</failure></testcase>"
      "<testcase name='b' line='7'><failure message='no'/></testcase></testsuite>");
  EXPECT_EQ(place_of(tests.at(0).file, tests.at(0).line), "t/cart_test.py:12");
  EXPECT_EQ(place_of(tests.at(1).file, tests.at(1).line), "t/cart_test.py:7");
}

TEST(JunitWords, ReadSecondsInEverySpelling) {
  EXPECT_EQ(parse_seconds("0.25"), milliseconds(250));
  EXPECT_EQ(parse_seconds("0,25"), milliseconds(250));
  EXPECT_EQ(parse_seconds("1,234.5"), milliseconds(1'234'500));
  EXPECT_EQ(parse_seconds("1.234,5"), milliseconds(1'234'500));
  EXPECT_EQ(parse_seconds("2e-3"), milliseconds(2));
  EXPECT_EQ(parse_seconds(" 3s "), milliseconds(3000));
  for (const char* none : {"", "-1", "nan", "inf", "1e300", "soon"}) {
    EXPECT_EQ(parse_seconds(none), milliseconds(0)) << none;
  }
}

TEST(SourcePlaces, AreFoundInTheTextsOfManyLanguages) {
  const auto found = [](std::string_view text) {
    const auto place = find_place(text);
    return place ? place->file + ":" + std::to_string(place->line) : "none";
  };
  EXPECT_EQ(found("src/a.cc:12: Failure"), "src/a.cc:12");
  EXPECT_EQ(found("  File \"t/a.py\", line 4, in f"), "t/a.py:4");
  EXPECT_EQ(found("at shop.CartTest.total(CartTest.java:41)"), "CartTest.java:41");
  EXPECT_EQ(found("at f (file:///workspace/a.mjs:3:9)"), "///workspace/a.mjs:3");
  EXPECT_EQ(found("a.cpp(7): error"), "a.cpp:7");
  EXPECT_EQ(found("connect to example.com:443 and 127.0.0.1:80 failed"), "none");
  EXPECT_EQ(find_place("a.py:1 b.py:2", "x/b.py")->line, 2U);
}

}  // namespace
}  // namespace pipeline::report
