#include "runner/cli/deployment_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace pipeline::cli {
namespace {

namespace json = boost::json;
using base::ErrorKind;

base::Digest digest_of(std::uint8_t byte) {
  base::Digest::Bytes bytes{};
  bytes.fill(byte);
  return base::Digest(bytes);
}

TEST(DeploymentJson, OfAnEnvironmentComesBackAsItWent) {
  deploy::EnvironmentStatus status;
  status.key = {"shop", "production"};
  status.address = "127.0.0.1:8080";
  status.release = 7;
  status.digest = digest_of(0xab);
  status.artifact = "shop";
  status.previous = 6;
  status.state = "retaining";
  status.reason = "release 6 is still warm";
  status.since = base::TimePoint(std::chrono::seconds(1'790'000'000));
  status.by = "push by ann";
  status.instances = {{"r7-1", 7, "127.0.0.1:8101", 1234, true, false}};
  status.bad = {digest_of(1), digest_of(2)};
  const auto back = environment_status_from_json(json_of(status));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(json::serialize(json_of(*back)), json::serialize(json_of(status)));
  EXPECT_EQ(back->key, status.key);
  EXPECT_EQ(back->digest, status.digest);
  EXPECT_EQ(back->since, status.since);
  ASSERT_EQ(back->instances.size(), 1U);
  EXPECT_TRUE(back->instances[0].healthy);
  EXPECT_FALSE(back->instances[0].in_traffic);
  EXPECT_EQ(back->bad, status.bad);
  const auto nothing = environment_status_from_json(json_of(deploy::EnvironmentStatus{}));
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->digest || nothing->since);
}

TEST(DeploymentJson, OfAResultComesBackAsItWent) {
  for (const auto verdict :
       {deploy::Verdict::promoted, deploy::Verdict::rolled_back, deploy::Verdict::frozen,
        deploy::Verdict::unchanged, deploy::Verdict::restored}) {
    for (const auto blame : {rollout::Blame::nobody, rollout::Blame::release}) {
      const auto back = deployment_result_from_json(json_of(deploy::DeploymentResult{
          .verdict = verdict, .release = 3, .reason = "because", .blame = blame, .hint = "do"}));
      ASSERT_TRUE(back);
      EXPECT_EQ(back->verdict, verdict);
      EXPECT_EQ(back->blame, blame);
      EXPECT_EQ(back->release, 3U);
      EXPECT_EQ(back->reason, "because");
      EXPECT_EQ(back->hint, "do");
    }
  }
  const auto progress = progress_from_json(json_of(deploy::Progress{"prepared", "2 healthy"}));
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->state, "prepared");
  EXPECT_EQ(progress->detail, "2 healthy");
}

TEST(DeploymentJson, RefusesWhatIsNone) {
  for (const char* text :
       {"null", "[]", "{}", "3",
        R"({"verdict":"won","release":1,"reason":"","blame":"","hint":""})",
        R"({"verdict":"promoted","release":-1,"reason":"","blame":"","hint":""})"}) {
    const json::value value = json::parse(text);
    EXPECT_EQ(deployment_result_from_json(value).error().kind(), ErrorKind::corrupt) << text;
    EXPECT_EQ(environment_status_from_json(value).error().kind(), ErrorKind::corrupt) << text;
    EXPECT_EQ(progress_from_json(value).error().kind(), ErrorKind::corrupt) << text;
  }
  json::object status = json_of(deploy::EnvironmentStatus{});
  status["digest"] = "md5:00";
  EXPECT_FALSE(environment_status_from_json(status));
  status["digest"] = "sha256:00";
  EXPECT_FALSE(environment_status_from_json(status));
}

}  // namespace
}  // namespace pipeline::cli
