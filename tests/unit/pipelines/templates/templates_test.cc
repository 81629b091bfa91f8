#include "pipelines/templates/templates.h"

#include <gtest/gtest.h>

#include <set>

#include "pipelines/config/reader.h"
#include "pipelines/plan/plan.h"
#include "pipelines/plan/result_key.h"

namespace pipeline::templates {
namespace {

TEST(Templates, EveryOneIsAPipelineThatCanBePlanned) {
  for (const Template& one : all()) {
    auto result = config::read_pipeline(one.text);
    ASSERT_TRUE(result.pipeline.has_value())
        << config::render(result.diagnostics, {{one.name, one.text}}, config::Color::no);
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
      << config::render(result.diagnostics, {{"cpp", text}}, config::Color::no);
  EXPECT_EQ(result.pipeline->environments.size(), 1U);
}

// `pipeline init` picks it for any CMakeLists.txt, so it knows nothing of where the sources are.
TEST(Templates, AnyFileThatChangesIsBuiltAgain) {
  const auto key = [](const Template& one, std::size_t stage, const std::string& changed) {
    auto result = config::read_pipeline(one.text);
    const auto plan = plan::make_plan(*std::move(result.pipeline), {}, {});
    plan::ResultKeyInput input;
    for (const char* path : {"CMakeLists.txt", "main.cc", ".clang-tidy", "lib/deep/er/x.hpp",
                             "third_party/y/CMakeLists.txt", "data/t.csv", "README"}) {
      input.files.push_back({path, path == changed ? "new" : "old", 0100644});
    }
    return *plan::result_manifest(*plan, plan->jobs[stage], input);
  };
  for (const Template& one : all()) {
    const auto pipeline = config::read_pipeline(one.text).pipeline;
    for (std::size_t stage = 0; stage < pipeline->stages.size(); ++stage) {
      const auto before = key(one, stage, "none of them");
      if (!before) continue;  // never used again
      for (const char* path : {"CMakeLists.txt", "main.cc", ".clang-tidy", "lib/deep/er/x.hpp",
                               "third_party/y/CMakeLists.txt", "data/t.csv", "README"}) {
        EXPECT_NE(key(one, stage, path), before) << one.name << ": " << path;
      }
    }
  }
}

TEST(Templates, AreCalledAfterTheDirectory) {
  const auto name_in = [](std::string_view directory) {
    const auto read = config::read_pipeline(text_for(*find("cpp"), directory));
    EXPECT_TRUE(read.pipeline.has_value()) << directory;
    return read.pipeline ? read.pipeline->name : "";
  };
  EXPECT_EQ(name_in("shop"), "shop");
  EXPECT_EQ(name_in("Shop_2.0"), "Shop_2.0");
  EXPECT_EQ(name_in("my shop (copy)"), "my-shop-copy");
  EXPECT_EQ(name_in(".dotfiles"), "dotfiles");
  EXPECT_EQ(name_in("caf\xc3\xa9\"\n"), "caf");
  EXPECT_EQ(name_in("--"), "my-project");
  EXPECT_EQ(name_in(""), "my-project");
  EXPECT_EQ(name_in(std::string(100, 'x')), std::string(64, 'x'));
  for (const Template& one : all()) {
    EXPECT_NE(text_for(one, "shop").find("name = \"shop\"\n"), std::string::npos) << one.name;
  }
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
  const auto names = [](const std::vector<std::string>& root_entries) {
    std::string text;
    for (const Fit& fit : fitting(root_entries)) {
      text += std::string(fit.one->name) + ":" + std::string(fit.mark) + " ";
    }
    return text;
  };
  EXPECT_EQ(names({"src", "CMakeLists.txt"}), "cpp:CMakeLists.txt ");
  EXPECT_EQ(names({"Makefile"}), "make:Makefile ");
  EXPECT_EQ(names({"meson.build"}), "meson:meson.build ");
  EXPECT_EQ(names({"setup.py", "pyproject.toml"}), "python:pyproject.toml ");
  EXPECT_EQ(names({"go.mod", "Cargo.toml", "package.json", "Makefile", "CMakeLists.txt"}),
            "cpp:CMakeLists.txt make:Makefile npm:package.json cargo:Cargo.toml go:go.mod ");
  EXPECT_EQ(names({}), "");
  EXPECT_EQ(all().back().name, "generic");
}

}  // namespace
}  // namespace pipeline::templates
