#include "stages/report/cobertura.h"

#include <gtest/gtest.h>

namespace pipeline::report {
namespace {

Coverage coverage_of(std::string_view xml) {
  const auto read = read_cobertura(xml);
  EXPECT_TRUE(read) << read.error().to_string();
  return read.value_or(Coverage{});
}

TEST(Cobertura, TakesTheNumbersOfTheRoot) {
  EXPECT_EQ(coverage_of("<?xml version='1.0'?><!DOCTYPE coverage SYSTEM "
                        "'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>"
                        "<coverage line-rate='0.75' lines-covered='3' lines-valid='4'/>"),
            (Coverage{3, 4}));
}

TEST(Cobertura, CountsLinesOnceWhenTheRootHasNone) {
  EXPECT_EQ(coverage_of("<coverage line-rate='0.5'><packages><package><classes><class><methods>"
                        "<method><lines><line number='1' hits='1'/></lines></method></methods>"
                        "<lines><line number='1' hits='1'/><line number='2' hits='0'/></lines>"
                        "</class></classes></package></packages></coverage>"),
            (Coverage{1, 2}));
}

TEST(Cobertura, AMereRateIsARate) {
  EXPECT_DOUBLE_EQ(line_rate(coverage_of("<coverage line-rate='0.8321'/>")), 0.8321);
}

TEST(Cobertura, NothingToCoverIsCovered) {
  const Coverage none = coverage_of("<coverage line-rate='0' lines-covered='0' lines-valid='0'/>");
  EXPECT_EQ(none, Coverage{});
  EXPECT_DOUBLE_EQ(line_rate(none), 1);
}

TEST(Cobertura, RefusesOtherXml) {
  EXPECT_EQ(read_cobertura("<testsuite/>").error().to_string(),
            "<testsuite> is no Cobertura report");
  EXPECT_EQ(read_cobertura("<coverage>").error().to_string(),
            "line 1, column 11: no element found");
}

}  // namespace
}  // namespace pipeline::report
