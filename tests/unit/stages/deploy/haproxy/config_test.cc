#include "stages/deploy/haproxy/config.h"

#include "tests/support/golden.h"

namespace pipeline::deploy::haproxy {
namespace {

using rollout::EndpointState;

FrontConfig front() {
  return {.listen = {"127.0.0.1", 8080}, .preview = {"::1", 8081}, .health = {}, .user = ""};
}

TEST(Config, ReadsAsIntended) {
  auto config = front();
  config.health.http_path = "/healthz?deep=1";
  config.user = "haproxy";
  EXPECT_TRUE(
      support::matches_golden("stages/deploy/haproxy/front.cfg", render_front(config).value()));
}

TEST(Config, ChecksByConnectingWithoutAPath) {
  EXPECT_THAT(render_front(front()).value(), testing::Not(testing::HasSubstr("httpchk")));
}

TEST(Config, ListensEverywhereWhenToldSo) {
  auto config = front();
  config.listen.host = "";
  EXPECT_THAT(render_front(config).value(), testing::HasSubstr("\n  bind *:8080\n"));
}

TEST(Config, RefusesAPathThatCouldBeConfiguration) {
  for (const auto* path : {"healthz", "/a b", "/a\nglobal", "/a\"", "/a#b", "/a\\", "/$HOME", ""}) {
    auto config = front();
    config.health.http_path = path;
    EXPECT_FALSE(render_front(config)) << path;
  }
}

TEST(Config, HoldsWhatWasAssigned) {
  const auto placement = place({.blue = {{"a", "127.0.0.1", 8101, EndpointState::ready},
                                         {"b", "::1", 8102, EndpointState::draining}},
                                .green_percent = 30},
                               {});
  const auto text = render_backends(*placement);
  EXPECT_THAT(text, testing::StartsWith("backend blue\n"
                                        "  server s1 127.0.0.1:8101\n"
                                        "  server s2 [::1]:8102 disabled\n"
                                        "  server s3 127.0.0.1:9 disabled\n"));
  EXPECT_THAT(text, testing::HasSubstr("backend green\n  server s1 127.0.0.1:9 disabled\n"));
  EXPECT_THAT(text, testing::HasSubstr("backend preview\n"));
  EXPECT_EQ(render_share_map(*placement), "green 30\n");
}

}  // namespace
}  // namespace pipeline::deploy::haproxy
