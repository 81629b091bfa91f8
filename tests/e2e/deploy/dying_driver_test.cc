// kill -9 of the driver at the moments of a deployment, of its way back, of a rollback and of a
// resume, under a constant request load: no request fails (but for all-at-once, which promises
// none), and `resume` or the next deployment brings the environment in order.
//
// Where every moment would take too long, every n-th is taken, from PIPELINE_SEED on (0);
// PIPELINE_ALL_MOMENTS=1 takes them all.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/e2e/deploy/mortal_environment.h"
#include "tests/support/http/http_load.h"
#include "tests/support/http/tcp.h"

namespace pipeline {
namespace {

using Driven = MortalEnvironment::Run;

int number_after(const std::string& text, const std::string& words) {
  const auto at = text.find(words);
  return at == std::string::npos ? -1 : std::atoi(text.c_str() + at + words.size());
}

bool is_chosen(int moment, int one_in) {
  const char* seed = std::getenv("PIPELINE_SEED");
  return std::getenv("PIPELINE_ALL_MOMENTS") != nullptr ||
         (moment + (seed == nullptr ? 0 : std::atoi(seed))) % one_in == 0;
}

class DyingDriver : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto reason = MortalEnvironment::missing()) GTEST_SKIP() << *reason;
    const Driven first = run({"deploy", "a"});
    ASSERT_EQ(first.ended, Ended::well) << first.output;
    load_.emplace(support::HttpLoad::Options{.host = production_.host(),
                                             .port = 18080,
                                             .workers = 4,
                                             .pause = std::chrono::milliseconds(2)});
  }
  void TearDown() override {
    if (IsSkipped()) return;
    load_.reset();
    EXPECT_EQ(run({"stop"}).ended, Ended::well);
  }

  Driven run(const std::vector<std::string>& command, int die_at = 0) const {
    return production_.run(command, die_at);
  }

  // Nobody drives any more, and nothing is left to do: users reach the release that was said to
  // serve, and nothing else. No request was lost until here.
  void expect_order(const Driven& ended, const std::string& when) {
    ASSERT_EQ(ended.ended, Ended::well) << when << ": " << ended.output;
    const int release = number_after(ended.output, ", release ");
    ASSERT_GT(release, 0) << when << ": " << ended.output;
    for (int i = 0; i < 4; ++i) {
      const std::string answer = ask();
      ASSERT_TRUE(answer.ends_with("good " + std::to_string(release)))
          << when << ": " << ended.output << answer;
    }
    expect_no_failure(when);
  }
  void expect_no_failure(const std::string& when) {
    if (!promises_service()) return;
    load_->await_requests(20);
    const auto so_far = load_->so_far();
    ASSERT_EQ(so_far.failed, 0U) << when << ": " << so_far.first_failure;
  }

  // `command` with death at every n-th moment after `first`, brought in order by `recover` each
  // time. How often it died.
  template <class Recover>
  int kill_at_moments(int first, int one_in, const std::vector<std::string>& command,
                      const Recover& recover) {
    int deaths = 0;
    for (int die_at = first + 1; !HasFatalFailure(); ++die_at) {
      if (!is_chosen(die_at, one_in)) continue;
      const std::string when = command.front() + " killed at moment " + std::to_string(die_at);
      const Driven ended = run(command, die_at);
      if (ended.ended != Ended::killed) {
        expect_order(ended, command.front() + " to its end");
        break;
      }
      expect_no_failure(when + ", with nobody driving");
      recover(when);
      ++deaths;
    }
    std::printf("%s: killed %d times, requests %llu, failed %llu\n", command.front().c_str(),
                deaths, static_cast<unsigned long long>(load_->so_far().requests),
                static_cast<unsigned long long>(load_->so_far().failed));
    return deaths;
  }
  auto resume() {
    return [this](const std::string& when) { expect_order(run({"resume"}), when); };
  }

  static bool promises_service() { return std::string(GetParam()) != "all-at-once"; }

  MortalEnvironment production_{GetParam()};
  std::optional<support::HttpLoad> load_;

 private:
  // One request of its own: the answer, head and body.
  std::string ask() const {
    const auto connection = support::connect_to(production_.host(), 18080);
    std::string buffer;
    support::HttpMessage message;
    if (!connection || !support::send_all(connection.get(), "GET / HTTP/1.0\r\n\r\n") ||
        !support::read_message(connection.get(), buffer, message)) {
      return "no answer";
    }
    return message.head + message.body;
  }
};

TEST_P(DyingDriver, LosesNoRequestWhereverItDies) {
  EXPECT_GT(kill_at_moments(0, promises_service() ? 1 : 2, {"deploy", "b"}, resume()), 25);
}

TEST_P(DyingDriver, TheNextDeploymentBringsItInOrder) {
  const int deaths = kill_at_moments(0, 6, {"deploy", "b"}, [this](const std::string& when) {
    expect_order(run({"deploy", "c"}), when + ", then another one");
  });
  EXPECT_GT(deaths, 4);
}

TEST_P(DyingDriver, AResumeMayDieAsOftenAsItLikes) {
  kill_at_moments(0, 13, {"deploy", "b"}, [this](const std::string& when) {
    kill_at_moments(0, 1, {"resume"}, [this, &when](const std::string& again) {
      expect_no_failure(when + ", " + again);
    });
  });
}

TEST_P(DyingDriver, GoesBackWhereverItDiesOnTheWayBack) {
  for (const char* release : {"e", "f"}) {  // fails before traffic, and after promotion
    const Driven whole = run({"deploy", release});
    expect_order(whole, "a release that fails its smoke test");
    ASSERT_TRUE(whole.output.find("rolled back") != std::string::npos) << whole.output;
    const int back = number_after(whole.output, "goes back after moment ");
    ASSERT_GT(back, 10) << whole.output;
    EXPECT_GT(kill_at_moments(back, 4, {"deploy", release}, resume()), 2);
  }
}

TEST_P(DyingDriver, ARollbackMayDieAtAnyMoment) {
  ASSERT_EQ(run({"deploy", "b"}).ended, Ended::well);
  EXPECT_GT(kill_at_moments(0, 2, {"rollback"}, resume()), 3);
}

INSTANTIATE_TEST_SUITE_P(Strategies, DyingDriver,
                         testing::Values("all-at-once", "blue-green", "rolling"),
                         [](const auto& made) {
                           std::string name = made.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace pipeline
