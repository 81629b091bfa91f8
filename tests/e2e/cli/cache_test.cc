// Caches and locks of stages, through the program.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::Product;

// Says whether it found its cache, and leaves one.
std::string caching(const std::string& key, const std::string& more = "") {
  return "name = \"shop\"\n[[stage]]\nname = \"build\"\n"
         "run = \"cat .cache/who || echo none; mkdir -p .cache; echo $GIT_BRANCH > .cache/who" +
         more + "\"\ncache = [{ path = \".cache\", key = \"" + key +
         "\", fallback = [\"deps-main\"] }]\n";
}

class CacheTest : public ::testing::Test {
 protected:
  // What the job printed.
  std::string run(int exit_code = 0) {
    const auto ran = product_.run({"run"});
    EXPECT_EQ(ran.exit_code, exit_code) << ran.out << ran.err;
    return product_.run({"logs", "last", "build"}).out;
  }
  bool found(const std::string& what) { return run().find(what) != std::string::npos; }
  Product product_;
};

TEST_F(CacheTest, SurvivesTheRun) {
  product_.write("pipeline.toml", caching("deps-{branch}"));
  product_.commit();
  EXPECT_TRUE(found("none"));
  EXPECT_TRUE(found("main"));
}

TEST_F(CacheTest, FallsBackToAnotherKey) {
  product_.write("pipeline.toml", caching("deps-{branch}"));
  product_.commit();
  EXPECT_TRUE(found("none"));
  product_.git({"checkout", "-q", "-b", "topic"});
  EXPECT_TRUE(found("main"));
  EXPECT_TRUE(found("topic"));
}

TEST_F(CacheTest, IsNotSavedByAFailure) {
  product_.write("pipeline.toml", caching("deps-{branch}", "; exit 1"));
  product_.commit();
  run(1);
  EXPECT_NE(run(1).find("none"), std::string::npos);
}

TEST_F(CacheTest, CanFollowTheFilesOfTheTree) {
  product_.write("pipeline.toml", caching("lock-{files:*.lock}"));
  product_.write("deps.lock", "one");
  product_.commit();
  EXPECT_TRUE(found("none"));
  EXPECT_TRUE(found("main"));
  product_.write("deps.lock", "two");
  EXPECT_TRUE(found("none"));
}

TEST_F(CacheTest, WorksWithoutASandboxToo) {
  product_.write("pipeline.toml", caching("deps-{branch}"));
  product_.commit();
  EXPECT_EQ(product_.run({"run", "--sandbox=none"}).exit_code, 0);
  EXPECT_EQ(product_.run({"run", "--sandbox=none"}).exit_code, 0);
  EXPECT_NE(product_.run({"logs", "last", "build"}).out.find("main"), std::string::npos);
}

TEST_F(CacheTest, AWrongKeyIsRefused) {
  product_.write("pipeline.toml", caching("deps-{param.os}"));
  const auto checked = product_.run({"check"});
  EXPECT_EQ(checked.exit_code, 2);
  EXPECT_TRUE(
      matches_golden("e2e/cache_wrong_key.txt", product_.normalised(checked.out + checked.err)));
}

// Jobs of two runs never meet inside.
TEST(Lock, IsHeldByOneRunAtATime) {
  Product product;
  const auto marker = product.root() / "go";
  product.write("pipeline.toml", "name = \"shop\"\n[defaults]\nsandbox = { readable = [\"" +
                                     product.root().string() +
                                     "\"] }\n[[stage]]\nname = \"deploy\"\nlock = \"db\"\n"
                                     "run = \"echo inside; until test -e " +
                                     marker.string() + "; do sleep 0.05; done\"\n");
  product.commit();
  auto first = product.start({"run"});
  ASSERT_TRUE(eventually([&] { return first.out().find("deploy: $ ") != std::string::npos; }));
  auto second = product.start({"run"});
  const std::string waits = "deploy: waiting for lock db, held by run 1\n";
  ASSERT_TRUE(eventually([&] { return second.out().find(waits) != std::string::npos; }))
      << second.out();
  EXPECT_EQ(second.out().find("deploy: $ "), std::string::npos);
  product.write(marker, "");
  EXPECT_EQ(first.wait().exit_code, 0);
  EXPECT_EQ(second.wait().exit_code, 0);
}

TEST(Lock, IsFreeAgainWhenItsHolderIsKilled) {
  Product product;
  product.write("pipeline.toml",
                "name = \"shop\"\n[params]\nrest = { default = \"true\" }\n[[stage]]\n"
                "name = \"deploy\"\nlock = \"db\"\nrun = \"$PARAM_REST\"\n");
  product.commit();
  auto first = product.start({"run", "--param", "rest=" + product.unique_sleep()});
  ASSERT_TRUE(eventually([&] { return first.out().find("deploy: $ ") != std::string::npos; }));
  first.signal(SIGKILL);
  first.wait();
  EXPECT_EQ(product.run({"run"}).exit_code, 0);
}

TEST(Lock, WhoWaitsForItCanBeCancelled) {
  Product product;
  product.write("pipeline.toml",
                "name = \"shop\"\n[[stage]]\nname = \"deploy\"\nlock = \"db\"\nrun = \"" +
                    product.unique_sleep() + "\"\n");
  product.commit();
  auto first = product.start({"run"});
  ASSERT_TRUE(eventually([&] { return first.out().find("deploy: $ ") != std::string::npos; }));
  auto second = product.start({"run"});
  ASSERT_TRUE(eventually([&] { return second.out().find("held by run 1") != std::string::npos; }));
  second.signal(SIGINT);
  EXPECT_EQ(second.wait().exit_code, 130);
  first.signal(SIGINT);
  EXPECT_EQ(first.wait().exit_code, 130);
}

}  // namespace
}  // namespace pipeline::e2e
