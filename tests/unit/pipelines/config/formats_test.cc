#include "pipelines/config/formats.h"

#include <gtest/gtest.h>

namespace pipeline::config {
namespace {

TEST(Formats, NormalisePaths) {
  EXPECT_EQ(parse_relative_path("build/"), "build");
  EXPECT_EQ(parse_relative_path("./a//b/./c/"), "a/b/c");
  EXPECT_EQ(parse_relative_path("..a/b.."), "..a/b..");
  for (const auto* refused :
       {"", " ", "/", "/a", "..", "a/..", "a/../b", "./", "a*", "a?", "[a]"}) {
    EXPECT_FALSE(parse_relative_path(refused).has_value()) << refused;
  }
}

TEST(Formats, ReadADirectoryPatternAsAllBelowIt) {
  EXPECT_EQ(parse_path_glob("src/"), "src/**");
  EXPECT_EQ(parse_path_glob("src/*.c"), "src/*.c");
}

TEST(Formats, KnowAddresses) {
  for (const auto* good : {"127.0.0.1:80", "localhost:65535", "[::1]:8080", "web-1.example:1"}) {
    EXPECT_EQ(parse_address(good), good);
  }
  for (const auto* bad : {"", ":80", "localhost", "localhost:", "localhost:0", "localhost:65536",
                          "localhost:8o", "::1:80", "[]:80", "a b:80", "http://x:80", "x:-1"}) {
    EXPECT_FALSE(parse_address(bad).has_value()) << bad;
  }
  EXPECT_EQ(port_of("[::1]:8080"), 8080);
}

TEST(Formats, KnowTheLoopback) {
  using Endpoint = model::LoopbackEndpoint;
  EXPECT_EQ(parse_loopback("127.0.0.1:5432"), (Endpoint{"127.0.0.1", 5432, {}}));
  EXPECT_EQ(parse_loopback("127.1.2.255:1"), (Endpoint{"127.1.2.255", 1, {}}));
  EXPECT_EQ(parse_loopback("localhost:5432"), (Endpoint{"", 5432, {}}));
  EXPECT_EQ(parse_loopback("[::1]:5432"), (Endpoint{"::1", 5432, {}}));
  for (const auto* bad : {"", "5432", "db:5432", "10.0.0.1:80", "127.0.0.256:1", "127.0.1:80",
                          "[::2]:80", "127.0.0.1:0", "127.0.0.1", "localhost.example:80"}) {
    EXPECT_FALSE(parse_loopback(bad).has_value()) << bad;
  }
  EXPECT_EQ(parse_loopback_url("http://127.0.0.1:8080/health?a=b"),
            (Endpoint{"127.0.0.1", 8080, "/health?a=b"}));
  EXPECT_EQ(parse_loopback_url("http://localhost"), (Endpoint{"", 80, "/"}));
  EXPECT_EQ(parse_loopback_url("http://[::1]/x"), (Endpoint{"::1", 80, "/x"}));
  EXPECT_EQ(parse_loopback_url("http://[::1]:81"), (Endpoint{"::1", 81, "/"}));
  for (const auto* bad : {"", "/health", "https://localhost/", "http://", "http://:80/",
                          "http://example.com/", "http://localhost:0/", "http://localhost/a b"}) {
    EXPECT_FALSE(parse_loopback_url(bad).has_value()) << bad;
  }
}

TEST(Formats, KnowRangesOfPorts) {
  EXPECT_EQ(parse_ports("8101-8132"), (model::PortRange{8101, 8132}));
  EXPECT_EQ(parse_ports("80"), (model::PortRange{80, 80}));
  EXPECT_EQ(parse_ports("1-65535"), (model::PortRange{1, 65535}));
  for (const auto* bad : {"", "-", "0-1", "2-1", "1-65536", "1-2-3", "a-b", " 1-2", "1..2"}) {
    EXPECT_FALSE(parse_ports(bad).has_value()) << bad;
  }
}

TEST(Formats, KnowPercentages) {
  EXPECT_EQ(parse_percent("1%"), 1U);
  EXPECT_EQ(parse_percent("100%"), 100U);
  for (const auto* bad : {"0%", "101%", "%", "10", "1.5%", "-1%"}) {
    EXPECT_FALSE(parse_percent(bad).has_value()) << bad;
  }
}

TEST(Formats, KnowNames) {
  EXPECT_TRUE(parse_name("Shop-2.web_a").has_value());
  EXPECT_TRUE(parse_name(std::string(64, 'a')).has_value());
  for (const auto& bad : {std::string(), std::string("-a"), std::string(".a"), std::string("a/b"),
                          std::string("a b"), std::string("ä"), std::string(65, 'a')}) {
    EXPECT_FALSE(parse_name(bad).has_value()) << bad;
  }
  EXPECT_TRUE(parse_need_name("lint?").has_value());
  EXPECT_FALSE(parse_need_name("lint??").has_value());
}

TEST(Formats, KeepTheProgramsOwnVariables) {
  EXPECT_TRUE(parse_env_variable("CI").has_value());
  EXPECT_TRUE(parse_env_variable("GIT_AUTHOR_NAME").has_value());
  for (const auto* own : {"PIPELINE_RUN", "PARAM_X", "MATRIX_X", "ARTIFACT_X", "WORKSPACE"}) {
    EXPECT_FALSE(parse_env_variable(own).has_value()) << own;
  }
}

}  // namespace
}  // namespace pipeline::config
