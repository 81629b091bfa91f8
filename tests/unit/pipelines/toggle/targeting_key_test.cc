#include "pipelines/toggle/targeting_key.h"

#include "pipelines/toggle/flag_file.h"

namespace pipeline::toggle {
namespace {

bool buckets(const std::string& targeting, const std::string& evaluators = "{}") {
  const auto flags =
      read_flags(R"({"flags": {"f": {"state": "ENABLED", "variants": {"on": true, "off": false},
                 "defaultVariant": "off", "targeting": )" +
                 targeting + R"(}}, "$evaluators": )" + evaluators + "}");
  EXPECT_TRUE(flags) << flags.error().to_string();
  return flags && buckets_by_targeting_key(*flags, *flags->find("f"));
}

TEST(TargetingKey, IsWhatAFractionalWithoutAValueBucketsBy) {
  EXPECT_TRUE(buckets(R"({"fractional": [["on", 10], ["off", 90]]})"));
  EXPECT_FALSE(buckets(R"({"fractional": [{"var": "email"}, ["on", 10], ["off", 90]]})"));
  EXPECT_FALSE(buckets(R"({"if": [{"==": [{"var": "targetingKey"}, "ann"]}, "on"]})"));
  EXPECT_FALSE(buckets("{}"));
}

TEST(TargetingKey, IsLookedForInTheDepthAndInEvaluators) {
  EXPECT_TRUE(buckets(R"({"if": [{"var": "beta"}, {"fractional": [["on"], ["off"]]}, "off"]})"));
  EXPECT_TRUE(buckets(R"({"$ref": "share"})", R"({"share": {"fractional": [["on"], ["off"]]}})"));
  EXPECT_FALSE(buckets(R"({"$ref": "gone"})"));
}

TEST(TargetingKey, EvaluatorsThatReferToEachOtherEnd) {
  EXPECT_FALSE(buckets(R"({"$ref": "a"})", R"({"a": {"$ref": "b"}, "b": {"$ref": "a"}})"));
}

}  // namespace
}  // namespace pipeline::toggle
