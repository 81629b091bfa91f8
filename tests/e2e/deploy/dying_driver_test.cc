// kill -9 of the driver at every moment of a deployment, under a constant request load: whatever
// happens, no request fails, and `resume` brings the environment in order.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/http/http_load.h"
#include "tests/support/http/tcp.h"
#include "tests/support/temporary_directory.h"

namespace pipeline {
namespace {

enum class Ended { well, badly, killed };

class DyingDriver : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/usr/sbin/haproxy")) {
      GTEST_SKIP() << "haproxy is not installed (apt-get install haproxy)";
    }
  }
  void TearDown() override {
    if (!IsSkipped()) static_cast<void>(run({"stop"}));
  }

  Ended run(const std::vector<std::string>& command) {
    std::vector<std::string> words = {MORTAL_DRIVER,    home_.path().string(), host_ + ":18080",
                                      host_ + ":18081", first_port(),          GetParam()};
    words.insert(words.end(), command.begin(), command.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    if (::posix_spawn(&child, MORTAL_DRIVER, nullptr, nullptr, argv.data(), environ) != 0) {
      return Ended::badly;
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
    }
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGKILL ? Ended::killed : Ended::badly;
    return WEXITSTATUS(status) == 0 ? Ended::well : Ended::badly;
  }

  // Our own among tests that run at the same time.
  static std::string first_port() { return std::to_string(24000 + ::getpid() % 1500 * 4); }

  std::string host_ = support::own_loopback();
  support::TemporaryDirectory home_;
};

TEST_P(DyingDriver, LosesNoRequestWhereverItDies) {
  ASSERT_EQ(run({"deploy", "a", "0"}), Ended::well);
  support::HttpLoad load(
      {.host = host_, .port = 18080, .workers = 4, .pause = std::chrono::milliseconds(2)});
  int moments = 0;
  for (int die_at = 1;; ++die_at) {
    const std::string digit(1, "bcdef"[die_at % 5]);
    const Ended ended = run({"deploy", digit, std::to_string(die_at)});
    ASSERT_NE(ended, Ended::badly) << "at moment " << die_at;
    if (ended == Ended::well) break;
    load.await_requests(20);  // with nobody driving
    ASSERT_EQ(run({"resume"}), Ended::well) << "after moment " << die_at;
    load.await_requests(20);
    const auto so_far = load.so_far();
    ASSERT_EQ(so_far.failed, 0U) << "killed at moment " << die_at << ": " << so_far.first_failure;
    ++moments;
  }
  const auto result = load.stop();
  EXPECT_EQ(result.failed, 0U) << result.first_failure;
  EXPECT_GT(moments, 25);
  std::printf("killed at %d moments, requests %llu, failed %llu\n", moments,
              static_cast<unsigned long long>(result.requests),
              static_cast<unsigned long long>(result.failed));
}

INSTANTIATE_TEST_SUITE_P(Strategies, DyingDriver, testing::Values("blue-green", "rolling"),
                         [](const auto& made) {
                           return std::string(made.param) == "rolling" ? "rolling" : "blue_green";
                         });

}  // namespace
}  // namespace pipeline
