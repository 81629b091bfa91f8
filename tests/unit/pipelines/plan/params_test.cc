#include "pipelines/plan/params.h"

#include <gtest/gtest.h>

namespace pipeline::plan {
namespace {

using model::Param;
using model::ParamType;
using Values = std::map<std::string, std::string>;

Param param(std::string name, ParamType type, std::optional<std::string> default_value,
            std::vector<std::string> choices = {}) {
  Param result;
  result.name = std::move(name);
  result.type = type;
  result.default_value = std::move(default_value);
  result.choices = std::move(choices);
  return result;
}

const std::vector<Param>& declared() {
  static const std::vector<Param> the_params = {
      param("channel", ParamType::string, "stable", {"stable", "nightly"}),
      param("level", ParamType::integer, "3"),
      param("fast", ParamType::boolean, "false"),
      param("who", ParamType::string, ""),
  };
  return the_params;
}

// Error and hint of a refusal.
std::pair<std::string, std::string> refusal(Values given,
                                            const std::vector<Param>& params = declared()) {
  const auto result = resolve_params(params, std::move(given));
  EXPECT_FALSE(result.has_value());
  if (result) return {};
  EXPECT_EQ(result.error().kind(), base::ErrorKind::invalid);
  return {result.error().to_string(), result.error().hint().value_or("")};
}

using Said = std::pair<std::string, std::string>;

TEST(Params, FillsInDefaults) {
  const auto values = resolve_params(declared(), {{"level", "-7"}});
  ASSERT_TRUE(values.has_value());
  EXPECT_EQ(*values,
            (Values{{"channel", "stable"}, {"level", "-7"}, {"fast", "false"}, {"who", ""}}));
  EXPECT_EQ(resolve_params(declared(), *values), values);
}

TEST(Params, SaysWhatIsMissing) {
  EXPECT_EQ(refusal({}, {param("who", ParamType::string, std::nullopt)}),
            (Said{"parameter who has no default and was not given", "write --param who=VALUE"}));
}

TEST(Params, ChecksTypesAndChoices) {
  EXPECT_EQ(refusal({{"level", "many"}}),
            (Said{"parameter level: \"many\" is no integer", "write --param level=VALUE"}));
  EXPECT_EQ(refusal({{"level", "3x"}}).first, "parameter level: \"3x\" is no integer");
  EXPECT_EQ(refusal({{"fast", "yes"}}), (Said{"parameter fast: \"yes\" is neither true nor false",
                                              "write --param fast=true|false"}));
  EXPECT_EQ(refusal({{"channel", "beta"}}), (Said{"parameter channel: \"beta\" is no choice",
                                                  "write --param channel=stable|nightly"}));
}

TEST(Params, SuggestsWhatWasMeant) {
  EXPECT_EQ(refusal({{"chanel", "stable"}}),
            (Said{"the pipeline has no parameter \"chanel\"", "did you mean \"channel\"?"}));
  EXPECT_EQ(refusal({{"zzz", ""}}).second, "it has channel, level, fast, who");
  EXPECT_EQ(refusal({{"zzz", ""}}, {}).second, "it takes no parameters");
}

TEST(Params, ShowsNoControlCharacters) {
  EXPECT_EQ(refusal({{"level", "\x1b[31m"}}).first.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace pipeline::plan
