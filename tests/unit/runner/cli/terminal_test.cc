#include "runner/cli/terminal.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/unit/runner/cli/world.h"

namespace pipeline::cli {
namespace {

struct Pipe {
  host::UniqueFd read;
  host::UniqueFd write;
};

Pipe make_pipe(int flags) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), flags), 0);
  return {host::UniqueFd(ends[0]), host::UniqueFd(ends[1])};
}

TEST(Terminal, WritesAllToADescriptorThatDoesNotBlock) {
  const Pipe pipe = make_pipe(O_NONBLOCK);
  const std::string text(1'000'000, 'x');  // more than a pipe holds
  Terminal terminal(pipe.write.get());
  std::size_t received = 0;
  std::thread reader([&] {
    std::array<char, 4096> buffer{};
    while (received < text.size()) {
      const ssize_t count = ::read(pipe.read.get(), buffer.data(), buffer.size());
      if (count > 0) received += static_cast<std::size_t>(count);
    }
  });
  terminal.write(text);
  reader.join();
  EXPECT_EQ(received, text.size());
}

TEST(Terminal, OutlivesItsReader) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe = make_pipe(0);
  pipe.read.reset();
  Terminal terminal(pipe.write.get());
  terminal.write("nobody reads this");
  terminal.write("nor this");
}

TEST(Terminal, IsNoneWhenItIsAPipe) {
  const Pipe pipe = make_pipe(0);
  const Terminal terminal(pipe.write.get());
  EXPECT_FALSE(terminal.is_terminal());
  EXPECT_EQ(terminal.width(), 0U);
  EXPECT_EQ(terminal.size().columns, 80U);
}

// A pseudo terminal's two ends.
Pipe make_terminal() {
  Pipe ends{{}, host::UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC))};
  EXPECT_EQ(::grantpt(ends.write.get()), 0);
  EXPECT_EQ(::unlockpt(ends.write.get()), 0);
  ends.read = host::UniqueFd(::open(::ptsname(ends.write.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  return ends;
}

TEST(Terminal, TakesNoEscapesWhenItIsDumb) {
  const Pipe ends = make_terminal();
  const char* before = std::getenv("TERM");
  const std::string kept = before != nullptr ? before : "";
  for (const auto& [term, takes_them] :
       {std::pair{"xterm", true}, std::pair{"dumb", false}, std::pair{"", false}}) {
    ::setenv("TERM", term, 1);
    const Terminal terminal(ends.read.get());
    EXPECT_TRUE(terminal.is_terminal());
    EXPECT_EQ(terminal.takes_escapes(), takes_them) << term;
  }
  ::setenv("TERM", kept.c_str(), 1);
}

TEST(Console, PaintsNothingIntoAPipe) {
  const Captured out;
  const Console console(out.fd(), out.fd(), ColorWish::when_possible);
  EXPECT_EQ(console.out_color, render::Color::no);
  EXPECT_EQ(console.err_color, render::Color::no);
}

}  // namespace
}  // namespace pipeline::cli
