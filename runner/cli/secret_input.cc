#include "runner/cli/secret_input.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "runner/cli/interrupts.h"
#include "stages/secret/rules.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr const char* kAttempt = "read the secret";
// One byte more than fits, and the line end that does not count.
constexpr std::size_t kReadLimit = secret::kLongestSecret + 2;

// Keeps a terminal from showing what is typed, for as long as it lives.
class Unseen {
 public:
  explicit Unseen(int fd) : fd_(fd) {
    if (::tcgetattr(fd, &before_) != 0) return;
    termios unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_changed_ = ::tcsetattr(fd, TCSAFLUSH, &unseen) == 0;
  }
  ~Unseen() {
    if (is_changed_) ::tcsetattr(fd_, TCSANOW, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  bool works() const { return is_changed_; }

 private:
  int fd_;
  termios before_{};
  bool is_changed_ = false;
};

// Up to the line's end; a terminal hands out whole lines.
Result<std::string> read_line(int fd, int interrupted) {
  std::string line;
  std::array<pollfd, 2> ready = {pollfd{fd, POLLIN, 0}, pollfd{interrupted, POLLIN, 0}};
  while (!line.ends_with('\n') && line.size() < kReadLimit) {
    if (::poll(ready.data(), ready.size(), -1) < 0) continue;
    if (ready[1].revents != 0) return base::fail(ErrorKind::cancelled, "interrupted");
    std::array<char, 4096> bytes{};
    const ssize_t n = ::read(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(Error::from_errno(errno, kAttempt));
    if (n == 0) break;
    line.append(bytes.data(), static_cast<std::size_t>(n));
  }
  return line;
}

Result<std::string> ask(int fd, const std::string& name, render::Output& prompts) {
  const host::UniqueFd interrupted(::eventfd(0, EFD_CLOEXEC));
  PIPELINE_ASSIGN(const auto interrupts, Interrupts::watch([&interrupted](int /*count*/) {
                    ::eventfd_write(interrupted.get(), 1);
                  }));
  const Unseen unseen(fd);
  if (!unseen.works()) {
    return base::fail(
        Error(ErrorKind::io, "the terminal would show it")
            .during(kAttempt)
            .hint("give it on standard input: pipeline secret set " + name + " < FILE"));
  }
  prompts.write("value of " + name + " (not shown): ");
  auto line = read_line(fd, interrupted.get());
  prompts.write("\n");
  return line;
}

}  // namespace

Result<std::string> read_up_to(int fd, std::size_t limit) {
  std::string text;
  while (text.size() < limit) {
    std::array<char, 4096> bytes{};
    const ssize_t n = ::read(fd, bytes.data(), std::min(bytes.size(), limit - text.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(Error::from_errno(errno, kAttempt));
    if (n == 0) break;
    text.append(bytes.data(), static_cast<std::size_t>(n));
  }
  return text;
}

Result<std::string> read_secret(int fd, const std::string& name, render::Output& prompts) {
  PIPELINE_ASSIGN(const std::string text,
                  ::isatty(fd) == 1 ? ask(fd, name, prompts) : read_up_to(fd, kReadLimit));
  return std::string(secret::without_line_end(text));
}

}  // namespace pipeline::cli
