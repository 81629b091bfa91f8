// The journal of an environment that serves is lost or moved away, under a constant request load:
// nothing that it started is touched, no request fails, and once it is back all goes on.
#include <gmock/gmock.h>

#include "stages/host/process_identity.h"
#include "tests/e2e/deploy/mortal_environment.h"
#include "tests/support/http/http_load.h"

namespace pipeline {
namespace {

// The database and what SQLite keeps beside it.
void move_database(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::create_directories(to);
  for (const auto* name : {"pipeline.db", "pipeline.db-wal", "pipeline.db-shm"}) {
    std::filesystem::remove(to / name);
    if (std::filesystem::exists(from / name)) std::filesystem::rename(from / name, to / name);
  }
}

TEST(LostJournal, CostsNoRequest) {
  if (const auto reason = MortalEnvironment::missing()) GTEST_SKIP() << *reason;
  const MortalEnvironment production("blue-green");
  ASSERT_EQ(production.run({"deploy", "a"}).ended, Ended::well);
  support::HttpLoad load({.host = production.host(), .port = 18080});
  load.await_requests(20);

  const auto aside = production.home() / "aside";
  move_database(production.home(), aside);
  const auto refused = production.run({"deploy", "b"});
  move_database(aside, production.home());
  EXPECT_EQ(refused.ended, Ended::badly);
  EXPECT_THAT(refused.output, testing::HasSubstr("running instances that its journal does not "
                                                 "know: r1-1, r1-2"));
  load.await_requests(20);

  const auto deployed = production.run({"deploy", "b"});
  EXPECT_EQ(deployed.ended, Ended::well) << deployed.output;
  load.await_requests(20);
  const auto result = load.stop();
  EXPECT_EQ(result.failed, 0U) << result.first_failure;
  EXPECT_EQ(result.by_answer.count("good 1"), 1U);
  EXPECT_EQ(result.by_answer.count("good 2"), 1U);
  EXPECT_EQ(production.run({"stop"}).ended, Ended::well);
}

TEST(LostJournal, BeginsAnewOnceItsInstancesAreEnded) {
  if (const auto reason = MortalEnvironment::missing()) GTEST_SKIP() << *reason;
  const MortalEnvironment production("blue-green");
  ASSERT_EQ(production.run({"deploy", "a"}).ended, Ended::well);
  const auto aside = production.home() / "aside";
  move_database(production.home(), aside);
  const auto instances = production.home() / "environments/shop/production/instances";
  for (const auto& instance : std::filesystem::directory_iterator(instances)) {
    const auto state = host::read_file(instance.path() / "state.json").value();
    // As a person follows the hint: "supervisor":"4711 …
    const auto at = state.find("supervisor\":\"") + 13;
    const auto supervisor = host::identify(std::stoi(state.substr(at)));
    ASSERT_TRUE(supervisor) << state;
    ASSERT_TRUE(host::end_process(*supervisor, SIGTERM, std::chrono::seconds(30)));
  }
  // The same ports, and a number that no other artifact had.
  const auto deployed = production.run({"deploy", "b"});
  EXPECT_EQ(deployed.ended, Ended::well) << deployed.output;
  EXPECT_THAT(deployed.output, testing::HasSubstr("promoted, release 2 serves"));
  EXPECT_EQ(production.run({"stop"}).ended, Ended::well);
}

}  // namespace
}  // namespace pipeline
