// What a person sees for every class of mistake: each tests/golden/config/X.toml has its X.txt.
#include "pipelines/config/diagnostic.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "pipelines/config/reader.h"
#include "tests/support/golden.h"

namespace pipeline::config {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::set<fs::path> mistakes() {
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator("tests/golden/config")) {
    if (entry.path().extension() == ".toml") files.insert(entry.path());
  }
  return files;
}

TEST(Diagnostic, ShowsEveryClassOfMistake) {
  const auto files = mistakes();
  ASSERT_GE(files.size(), 20U);
  for (const fs::path& file : files) {
    SCOPED_TRACE(file);
    const std::string text = contents(file);
    const ReadResult result = read_pipeline(text);
    EXPECT_FALSE(result.pipeline.has_value());
    const std::string name = file.stem().string();
    const std::string shown = name + ".toml";
    EXPECT_TRUE(support::matches_golden(
        "config/" + name + ".txt",
        render(result.diagnostics, result.sources(shown, text), Color::no)));
  }
}

TEST(Diagnostic, StandsInFileOrderAndPointsIntoTheFile) {
  for (const fs::path& file : mistakes()) {
    SCOPED_TRACE(file);
    const std::string text = contents(file);
    std::pair<std::uint32_t, std::uint32_t> last{0, 0};
    for (const Diagnostic& diagnostic : read_pipeline(text).diagnostics) {
      const auto& span = diagnostic.span;
      EXPECT_LE(last, std::pair(span.line, span.column));
      last = {span.line, span.column};
      EXPECT_GE(span.line, 1U) << diagnostic.message;
      EXPECT_LE(span.line, static_cast<std::uint32_t>(std::ranges::count(text, '\n')) + 1);
      EXPECT_GE(span.length, 1U);
      EXPECT_FALSE(diagnostic.message.ends_with('.')) << diagnostic.message;
    }
  }
}

TEST(Diagnostic, PaintsOnlyWhenAsked) {
  const Diagnostic wrong{Severity::warning, {1, 3, 2}, "odd", "do this"};
  EXPECT_EQ(render(wrong, "f", "abcdef", Color::no),
            "warning: odd\n --> f:1:3\n  |\n1 | abcdef\n  |   ^^\n  = do this\n");
  EXPECT_NE(render(wrong, "f", "abcdef", Color::yes).find("\x1b[1;33m"), std::string::npos);
}

TEST(Diagnostic, LetsNoEscapeSequenceThrough) {
  const Diagnostic wrong{Severity::error, {1, 1, 1}, "bad \x1b[31m", std::nullopt};
  EXPECT_EQ(render(wrong, "f", "\x1b[2J", Color::no).find('\x1b'), std::string::npos);
}

TEST(Diagnostic, CountsWhatItShows) {
  const Diagnostic error{Severity::error, {1, 1, 1}, "a", std::nullopt};
  const Diagnostic warning{Severity::warning, {1, 1, 1}, "b", std::nullopt};
  EXPECT_EQ(render(std::vector<Diagnostic>{}, {{"f", ""}}, Color::no), "");
  EXPECT_TRUE(render(std::vector{error, error, warning}, {{"f", "x"}}, Color::no)
                  .ends_with("\n2 errors, 1 warning in f\n"));
  EXPECT_TRUE(
      render(std::vector{warning}, {{"f", "x"}}, Color::no).ends_with("\n1 warning in f\n"));
}

TEST(Diagnostic, HasAPlaceEvenWhenTheFileIsGone) {
  const Diagnostic wrong{Severity::error, {7, 9, 3}, "odd", std::nullopt};
  EXPECT_EQ(render(wrong, "f", "", Color::no), "error: odd\n --> f:7:9\n  |\n7 | \n  | ^\n");
  const Diagnostic nowhere{Severity::error, {}, "too large", std::nullopt};
  EXPECT_EQ(render(nowhere, "f", "x", Color::no), "error: too large\n --> f\n");
}

TEST(Diagnostic, IsJsonForPrograms) {
  const Diagnostic wrong{Severity::error, {2, 3, 4}, "odd \"x\"", "try"};
  const boost::json::value json = boost::json::parse(to_json({wrong}, {{"f.toml", ""}}));
  EXPECT_EQ(json, boost::json::parse(R"([{"file":"f.toml","line":2,"column":3,"length":4,
            "severity":"error","message":"odd \"x\"","hint":"try"}])"));
}

}  // namespace
}  // namespace pipeline::config
