#include "runner/cli/secret_input.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <thread>

#include "stages/secret/rules.h"
#include "tests/unit/runner/cli/world.h"

namespace pipeline::cli {
namespace {

// Keeps what is written, and says when something was.
class Prompts final : public render::Output {
 public:
  void write(std::string_view text) override {
    written += text;
    if (!std::exchange(is_told_, true)) prompted.set_value();
  }
  render::ScreenSize size() const override { return {}; }

  std::string written;
  std::promise<void> prompted;

 private:
  bool is_told_ = false;
};

base::Result<std::string> read_piped(const std::string& text) {
  const Captured file;
  EXPECT_TRUE(host::write_all(file.fd(), text));
  ::lseek(file.fd(), 0, SEEK_SET);
  Prompts prompts;
  auto secret = read_secret(file.fd(), "TOKEN", prompts);
  EXPECT_EQ(prompts.written, "");
  return secret;
}

TEST(SecretInput, TakesAllOfAPipeButTheLastLineEnd) {
  EXPECT_EQ(read_piped("hunter2"), "hunter2");
  EXPECT_EQ(read_piped("hunter2\n"), "hunter2");
  EXPECT_EQ(read_piped("hunter2\n\n"), "hunter2\n");
  EXPECT_EQ(read_piped(" two \r\nlines\r\n"), " two \r\nlines\r");
  EXPECT_EQ(read_piped(""), "");
}

TEST(SecretInput, ReadsNoMoreThanItMustToSeeThatItIsTooMuch) {
  const auto secret = read_piped(std::string(1'000'000, 'x'));
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->size(), secret::kLongestSecret + 2);
}

class SecretOnATerminal : public testing::Test {
 protected:
  SecretOnATerminal() : keyboard_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    EXPECT_EQ(::grantpt(keyboard_.get()), 0);
    EXPECT_EQ(::unlockpt(keyboard_.get()), 0);
    terminal_ = host::UniqueFd(::open(::ptsname(keyboard_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
  bool echoes() const {
    termios state{};
    return ::tcgetattr(terminal_.get(), &state) == 0 && (state.c_lflag & ECHO) != 0;
  }

  host::UniqueFd keyboard_;
  host::UniqueFd terminal_;
  Prompts prompts_;
};

TEST_F(SecretOnATerminal, IsAskedForAndNotShown) {
  ASSERT_TRUE(echoes());
  std::thread user([&] {
    prompts_.prompted.get_future().wait();
    EXPECT_FALSE(echoes());
    EXPECT_TRUE(host::write_all(keyboard_.get(), "hunter2\n"));
  });
  EXPECT_EQ(read_secret(terminal_.get(), "TOKEN", prompts_), "hunter2");
  user.join();
  EXPECT_EQ(prompts_.written, "value of TOKEN (not shown): \n");
  EXPECT_TRUE(echoes());
}

TEST_F(SecretOnATerminal, LeavesItAsItWasWhenTheUserInterrupts) {
  std::thread user([&] {
    // As in the program, where no thread that leaves the signal alone is older than the prompt.
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &interrupt, nullptr);
    prompts_.prompted.get_future().wait();
    ::kill(::getpid(), SIGINT);
  });
  const auto secret = read_secret(terminal_.get(), "TOKEN", prompts_);
  user.join();
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().kind(), base::ErrorKind::cancelled);
  EXPECT_TRUE(echoes());
}

}  // namespace
}  // namespace pipeline::cli
