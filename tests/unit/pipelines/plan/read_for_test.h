// Reads a pipeline for a test; a file that is refused fails the test with its diagnostics.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "pipelines/config/reader.h"
#include "pipelines/plan/plan.h"

namespace pipeline::plan {

inline model::Pipeline read_for_test(std::string_view text) {
  auto result = config::read_pipeline(text);
  EXPECT_TRUE(result.pipeline.has_value())
      << config::render(result.diagnostics, {{"pipeline.toml", text}}, config::Color::no);
  return result.pipeline.value_or(model::Pipeline{});
}

inline Plan plan_for_test(std::string_view text, Facts facts = {},
                          const Selection& selection = {}) {
  auto plan = make_plan(read_for_test(text), std::move(facts), selection);
  EXPECT_TRUE(plan.has_value()) << plan.error().to_string();
  return *std::move(plan);
}

}  // namespace pipeline::plan
