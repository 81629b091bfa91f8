#include "pipelines/templates/templates.h"

#include <gtest/gtest.h>

#include <set>

#include "pipelines/config/reader.h"
#include "pipelines/plan/plan.h"

namespace pipeline::templates {
namespace {

TEST(Templates, EveryOneIsAPipelineThatCanBePlanned) {
  for (const Template& one : all()) {
    auto result = config::read_pipeline(one.text);
    ASSERT_TRUE(result.pipeline.has_value())
        << config::render(result.diagnostics, one.name, one.text, config::Color::no);
    EXPECT_TRUE(result.diagnostics.empty());
    const auto plan = plan::make_plan(*std::move(result.pipeline), {}, {});
    ASSERT_TRUE(plan.has_value()) << plan.error().to_string();
    EXPECT_GE(plan->jobs.size(), 3U);
  }
}

// What is commented out must be right too, once somebody removes the marks.
TEST(Templates, TheCommentedPartsAreAPipelineToo) {
  std::string text;
  bool in_comment_block = false;
  for (std::string_view rest = find("cpp")->text; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.starts_with("# Bring it")) {
      in_comment_block = true;
    } else if (in_comment_block && line.starts_with("# ")) {
      line.remove_prefix(2);
    }
    text.append(line).append("\n");
  }
  const auto result = config::read_pipeline(text);
  ASSERT_TRUE(result.pipeline.has_value())
      << config::render(result.diagnostics, "cpp", text, config::Color::no);
  EXPECT_EQ(result.pipeline->environments.size(), 1U);
}

TEST(Templates, AreFoundByName) {
  std::set<std::string_view> names;
  for (const Template& one : all()) {
    EXPECT_TRUE(names.insert(one.name).second);
    EXPECT_EQ(find(one.name), &one);
    EXPECT_FALSE(one.description.empty());
  }
  EXPECT_EQ(find("cobol"), nullptr);
}

TEST(Templates, FitTheRepository) {
  EXPECT_EQ(suggest({"src", "CMakeLists.txt"}).name, "cpp");
  EXPECT_EQ(suggest({"Makefile"}).name, "generic");
  EXPECT_EQ(suggest({}).name, "generic");
}

}  // namespace
}  // namespace pipeline::templates
