// kill -9 of `pipeline run` at any moment: the next command shows the run as interrupted, a retry
// finishes it, and no process is left.
#include <gtest/gtest.h>

#include <csignal>
#include <random>
#include <thread>

#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::Product;

// Every command has `mark` in its text, by which its processes are found.
std::string chain(const std::string& mark) {
  const auto stage = [&](const std::string& name, const std::string& command) {
    return "[[stage]]\nname = \"" + name + "\"\nrun = \"" + command + "; : " + mark + "\"\n";
  };
  return "name = \"chain\"\n" + stage("a", "mkdir out; echo a > out/a; sleep 0.05") +
         "outputs = [\"out/\"]\n" + stage("b", "cat out/a; sleep 0.05") + stage("c", "cat out/a");
}

TEST(Kill, AnInterruptedRunIsShownAndCanBeRetried) {
  Product product;
  const std::string sleep = product.unique_sleep();
  product.write("pipeline.toml",
                "name = \"demo\"\n[[stage]]\nname = \"long\"\nrun = '''echo begun; "
                "test \"$PIPELINE_ATTEMPT\" = 2 || " +
                    sleep + "'''\n");
  product.commit();
  auto running = product.start({"run"});
  ASSERT_TRUE(eventually([&] {
    return product.run({"logs", "1", "long"}).out.find("begun") == 0;
  }));
  running.signal(SIGKILL);
  running.wait();
  EXPECT_TRUE(eventually([&] { return product.is_quiet(); }));
  EXPECT_NE(product.run({"runs"}).out.find("interrupted"), std::string::npos);
  EXPECT_NE(product.run({"show", "1"}).out.find("pipeline retry 1 goes on with it"),
            std::string::npos);
  const auto retried = product.run({"retry", "1"});
  EXPECT_EQ(retried.exit_code, 0) << retried.out << retried.err;
  EXPECT_NE(product.run({"runs"}).out.find("succeeded"), std::string::npos);
}

TEST(Kill, ARetryReusesWhatWasDoneBefore) {
  Product product;
  product.write("pipeline.toml", R"(name = "demo"
[[stage]]
name = "build"
run = "mkdir out; date +%N > out/built; cat out/built"
outputs = ["out/"]
[[stage]]
name = "unit"
run = "cat out/built; test $PIPELINE_ATTEMPT = 2 || )" +
                                     product.unique_sleep() + "\"\n");
  product.commit();
  auto running = product.start({"run"});
  ASSERT_TRUE(eventually([&] { return product.run({"logs", "1", "unit"}).out.ends_with("\n"); }));
  running.signal(SIGKILL);
  running.wait();
  EXPECT_TRUE(eventually([&] { return product.is_quiet(); }));
  const std::string built = product.run({"logs", "1", "build"}).out;
  const auto retried = product.run({"retry", "1", "--failed"});
  EXPECT_EQ(retried.exit_code, 0) << retried.out << retried.err;
  EXPECT_EQ(product.run({"logs", "1", "unit", "--attempt", "2"}).out, built);
  EXPECT_EQ(product.run({"logs", "1", "build", "--attempt", "2"}).exit_code, 2) << "not run again";
}

// The other tests say that no process is left; this one, that they would see a process that is.
TEST(Kill, AHelperThatCannotEndIsSeen) {
  Product product;
  product.write("pipeline.toml",
                "name = \"demo\"\n[[stage]]\nname = \"long\"\nrun = 'echo begun; sleep 1000'\n");
  product.commit();
  EXPECT_TRUE(product.is_quiet());
  auto running = product.start({"run"});
  ASSERT_TRUE(eventually([&] {
    return product.run({"logs", "1", "long"}).out.find("begun") == 0;
  }));
  // The zygote, the job's helper and its first process; perhaps those that wait for another job.
  EXPECT_GE(product.helpers().size(), 3U);
  for (const int helper : product.helpers()) ::kill(helper, SIGSTOP);
  running.signal(SIGKILL);
  running.wait();
  EXPECT_FALSE(product.is_quiet());
  EXPECT_EQ(product.processes(), product.helpers())
      << "nothing but the program's path tells a helper";
  for (const int helper : product.helpers()) ::kill(helper, SIGCONT);
  EXPECT_TRUE(eventually([&] { return product.is_quiet(); }));
}

TEST(Kill, AtAnyMomentLeavesARunThatCanBeRetried) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Product product;
  product.write("pipeline.toml", chain(product.unique_sleep()));
  product.commit();
  int last_run = 0;
  for (int round = 0; round < 12; ++round) {
    auto running = product.start({"run"});
    // The moment itself is what is random here; nothing waits for it.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 250'000));
    running.signal(SIGKILL);
    running.wait();
    EXPECT_TRUE(eventually([&] { return product.is_quiet(); }));
    const auto runs = product.run({"runs", "--json"});
    ASSERT_EQ(runs.exit_code, 0) << runs.err;
    const auto stored = static_cast<int>(std::count(runs.out.begin(), runs.out.end(), '\n'));
    if (stored == last_run) continue;  // killed before there was a run
    last_run = stored;
    const bool was_finished =
        runs.out.substr(0, runs.out.find('\n')).find("succeeded") != std::string::npos;
    const auto retried = product.run({"retry", "last"});
    EXPECT_EQ(retried.exit_code, was_finished ? 2 : 0) << retried.out << retried.err;
  }
  EXPECT_GT(last_run, 0);
}

}  // namespace
}  // namespace pipeline::e2e
