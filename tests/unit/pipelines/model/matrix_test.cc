#include "pipelines/model/matrix.h"

#include <gtest/gtest.h>

#include "pipelines/model/placeholder.h"

namespace pipeline::model {
namespace {

std::vector<std::string> names_of(const Matrix& matrix) {
  std::vector<std::string> names;
  for (const MatrixCell& cell : cells_of(matrix)) names.push_back(to_string(cell));
  return names;
}

using Names = std::vector<std::string>;

const Matrix kTwoAxes{.axes = {{"database", {"postgres", "sqlite"}}, {"os", {"bsd", "linux"}}},
                      .exclude = {},
                      .include = {}};

TEST(Matrix, IsTheProductWithItsLastAxisVaryingFastest) {
  EXPECT_EQ(names_of(kTwoAxes), (Names{"database=postgres,os=bsd", "database=postgres,os=linux",
                                       "database=sqlite,os=bsd", "database=sqlite,os=linux"}));
}

TEST(Matrix, LeavesOutWhatHasAllOfAnExclusionsValues) {
  Matrix matrix = kTwoAxes;
  matrix.exclude = {{{"database", "sqlite"}, {"os", "bsd"}}};
  EXPECT_EQ(names_of(matrix).size(), 3U);
  matrix.exclude = {{{"database", "sqlite"}}};
  EXPECT_EQ(names_of(matrix), (Names{"database=postgres,os=bsd", "database=postgres,os=linux"}));
}

TEST(Matrix, AddsWholeCellsThatNoExclusionTakesOut) {
  Matrix matrix = kTwoAxes;
  matrix.exclude = {{{"os", "bsd"}}};
  matrix.include = {{{"database", "oracle"}, {"os", "bsd"}}};
  EXPECT_EQ(names_of(matrix), (Names{"database=postgres,os=linux", "database=sqlite,os=linux",
                                     "database=oracle,os=bsd"}));
}

TEST(Matrix, CanConsistOfInclusionsOnly) {
  const Matrix matrix{.axes = {}, .exclude = {}, .include = {{{"level", "1"}}}};
  EXPECT_FALSE(matrix.empty());
  EXPECT_EQ(names_of(matrix), (Names{"level=1"}));
}

TEST(Matrix, CountsItsProductWithoutOverflowing) {
  EXPECT_EQ(product_size(kTwoAxes, 100), 4U);
  EXPECT_EQ(product_size({}, 100), 0U);
  Matrix huge;
  for (int axis = 0; axis < 40; ++axis) huge.axes.push_back({"a", Names(100, "v")});
  EXPECT_EQ(product_size(huge, 100), 101U);
}

TEST(Placeholder, StandsForAValueOfTheCell) {
  const MatrixCell cell = {{"os", "linux"}, {"arch", "arm"}};
  EXPECT_EQ(fill_placeholders("shop-{matrix.os}-{matrix.arch}", values_of(cell)), "shop-linux-arm");
  EXPECT_EQ(fill_placeholders("shop", values_of(cell)), "shop");
}

TEST(Placeholder, IsRefusedWhenItMeansNothing) {
  const MatrixCell cell = {{"os", "linux"}};
  const auto refusal = [&](std::string_view text) {
    const auto filled = fill_placeholders(text, values_of(cell));
    return filled ? "accepted as " + *filled : filled.error().to_string();
  };
  EXPECT_EQ(refusal("x-{matrix.cpu}"), "there is no placeholder {matrix.cpu} here");
  EXPECT_EQ(refusal("x-{branch}"), "there is no placeholder {branch} here");
  for (const char* text : {"x-{", "x-}", "{a{b}}", "}{", "{matrix.os"}) {
    EXPECT_EQ(refusal(text), "a brace has no partner: expected {name}") << text;
  }
}

}  // namespace
}  // namespace pipeline::model
