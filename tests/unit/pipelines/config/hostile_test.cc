// Bytes that nobody meant to be a pipeline: never a crash, always a pipeline or a reason.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "pipelines/config/reader.h"
#include "pipelines/plan/plan.h"
#include "pipelines/plan/render.h"
#include "tests/support/property.h"
#include "tests/unit/pipelines/config/shop.h"

namespace pipeline::config {
namespace {

std::string first_message(std::string_view text) {
  const ReadResult result = read_pipeline(text);
  EXPECT_FALSE(result.pipeline.has_value());
  EXPECT_FALSE(result.diagnostics.empty());
  return result.diagnostics.empty() ? "" : result.diagnostics.front().message;
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

TEST(Hostile, AnEmptyFileLacksEverything) {
  EXPECT_EQ(first_message(""), "missing key \"name\" in pipeline");
}

TEST(Hostile, RefusesWhatTheLibraryCannotBear) {
  EXPECT_EQ(first_message(repeated("x", (1U << 20U) + 1)), "the file is larger than 1 MiB");
  EXPECT_EQ(first_message("a" + repeated(".a", 40'000) + " = 1"), "more than 64 dots on one line");
  EXPECT_EQ(first_message("[" + repeated("a.", 40'000) + "a]"), "more than 64 dots on one line");
  EXPECT_EQ(first_message("a = " + repeated("[", 50'000)), "nested deeper than 32 brackets");
  EXPECT_EQ(first_message("a = " + repeated("{a=", 50'000)), "nested deeper than 32 brackets");
  EXPECT_EQ(first_message("[a\x01"), "control character in the file");
  EXPECT_EQ(first_message("a = \"\x7f\""), "control character in the file");
  EXPECT_EQ(first_message(std::string_view("a = \"\0\"", 7)), "control character in the file");
  EXPECT_EQ(first_message("a = 1\nb = \"\xC3\x28\""), "the line is not valid UTF-8");
  for (const auto* header : {"[\x01", "[=", "[[.", " [ \n", "[[ [", "[#"}) {
    EXPECT_EQ(first_message(header), "TOML syntax: a table's header needs a name") << header;
  }
  for (const auto* nothing : {"a = ]", "a =\n", "a = \r\n", "a =,", "a = }", "a = # 1"}) {
    EXPECT_EQ(first_message(nothing), "TOML syntax: a key without a value") << nothing;
  }
  EXPECT_EQ(first_message("a = [1, }"), "TOML syntax: a '}' where a ']' is missing");
  EXPECT_EQ(first_message("ä = 1"),
            "a character outside quotes that TOML does not know; quote the key or value");
}

TEST(Hostile, SaysInWhichLineTheBytesAreWrong) {
  const ReadResult result = read_pipeline("a = 1\n\nb = \"\xFF\"\n");
  EXPECT_EQ(result.diagnostics.at(0).span.line, 3U);
  const ReadResult control = read_pipeline("a = 1\nbc = \"\x02\"\n");
  EXPECT_EQ(control.diagnostics.at(0).span, (base::SourceSpan{2, 7, 1}));
}

// The guard counts what the library counts: not what stands in strings and comments.
TEST(Hostile, LetsLongLinesOfOrdinaryThingsPass) {
  const std::string dots = repeated("a.b ", 100);
  const std::string brackets = repeated("[{", 100);
  const std::array<std::string, 5> values = {
      "\"" + dots + brackets + "\"",
      "'" + dots + brackets + "'",
      "\"\"\"\n" + dots + R"("quoted"" \""")" + brackets + R"(""""")",
      "'''\n" + dots + "'quoted'' " + brackets + "'''''",
      "\"\" # " + dots + brackets + "äöü",
  };
  for (const std::string& value : values) {
    const std::string text =
        "name = \"p\"\ndescription = " + value + "\n[[stage]]\nname = \"s\"\nrun = \"true\"\n";
    const ReadResult result = read_pipeline(text);
    EXPECT_TRUE(result.pipeline.has_value())
        << render(result.diagnostics, {{"pipeline.toml", text}}, Color::no);
  }
}

TEST(Hostile, ThousandsOfTyposStayQuick) {
  std::string text = "name = \"p\"\n";
  for (int i = 0; i < 5'000; ++i) {
    const std::string number = std::to_string(i);
    text += "[[stage]]\nname = \"stage-" + number + "\"\n";
    text += "needs = [\"stagee-" + number + "\"]\nrnu = \"true\"\n";
  }
  const ReadResult result = read_pipeline(text);
  EXPECT_EQ(result.diagnostics.size(), 10'000U);
  EXPECT_FALSE(render(result.diagnostics, {{"pipeline.toml", text}}, Color::no).empty());
}

TEST(Hostile, ALongLineWithManyPlacesStaysQuick) {
  std::string text = "name = \"ä\"\nx = [";
  for (int i = 0; i < 100'000; ++i) text += "\"ä\",";
  EXPECT_FALSE(read_pipeline(text + "]\n").diagnostics.empty());
}

// Parts that make interesting files when they land in the wrong place.
std::string random_part() {
  return *rc::gen::weightedOneOf<std::string>(
      {{3, rc::gen::element<std::string>("\"", "'", R"(""")", "'''", "[", "]", "[[", "]]", "{", "}",
                                         "=", ",", ".", "\n", "\r\n", "#", "\\", "?", "ä", "1",
                                         "-1", "1e9", "true", "0x1", "1979-05-27", "12:00:00",
                                         "inf", "nan", "9223372036854775808", "\\u0000", "\t")},
       {2, rc::gen::element<std::string>("needs = []", "kind = \"deploy\"", "[[stage]]", "[stage]",
                                         "[environment.production]", "name = \"build\"",
                                         "uses = [\"shop\"]", "when = { not = { not = {} } }",
                                         "needs = [\"production\"]", "run = []")},
       {1, rc::gen::container<std::string>(rc::gen::arbitrary<char>())}});
}

std::string mutated(std::string text) {
  const auto changes = *rc::gen::inRange(1, 6);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    const auto length = *rc::gen::inRange<std::size_t>(0, 40);
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, random_part());
        break;
      default:
        text.insert(*rc::gen::inRange<std::size_t>(0, text.size() + 1), text.substr(at, length));
    }
  }
  return text;
}

RC_GTEST_PROP(HostileProperty, ABrokenFileIsReadOrRefusedWithAReason, ()) {
  const std::string text = mutated(std::string(kShop));
  ReadResult result = read_pipeline(text);
  const bool has_error = std::ranges::any_of(result.diagnostics, [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::error;
  });
  RC_ASSERT(result.pipeline.has_value() != has_error);
  RC_ASSERT(render(result.diagnostics, {{"f", text}}, Color::no).empty() ==
            result.diagnostics.empty());
  if (!result.pipeline) return;
  const auto plan = plan::make_plan(*std::move(result.pipeline), {}, {});
  RC_ASSERT(plan.has_value() || plan.error().kind() == base::ErrorKind::invalid);
  if (plan) RC_ASSERT(!plan::render_plan(*plan).empty());
}

RC_GTEST_PROP(HostileProperty, AnyBytesAreRefusedWithAReason, (const std::string& bytes)) {
  const ReadResult result = read_pipeline(bytes);
  RC_ASSERT(!result.pipeline.has_value());
  RC_ASSERT(!result.diagnostics.empty());
}

}  // namespace
}  // namespace pipeline::config
