#include "runner/cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace pipeline::cli {

namespace {

// Somebody made the descriptor non-blocking (it is shared with other programs): wait for it.
void wait_until_writable(int fd) {
  pollfd poll_for{fd, POLLOUT, 0};
  ::poll(&poll_for, 1, -1);
}

bool is_dumb() {
  const char* term = std::getenv("TERM");
  return term == nullptr || *term == '\0' || std::string_view(term) == "dumb";
}

bool may_colour(const Terminal& terminal) {
  const char* no_color = std::getenv("NO_COLOR");
  return terminal.takes_escapes() && (no_color == nullptr || *no_color == '\0');
}

}  // namespace

Terminal::Terminal(int fd)
    : fd_(fd), is_terminal_(::isatty(fd) == 1), takes_escapes_(is_terminal_ && !is_dumb()) {}

void Terminal::write(std::string_view text) {
  while (!text.empty() && !is_closed_) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_until_writable(fd_);
    } else if (errno != EINTR) {
      is_closed_ = true;
    }
  }
}

render::ScreenSize Terminal::size() const {
  winsize window{};
  if (::ioctl(fd_, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0) return {};
  return {window.ws_col, window.ws_row};
}

Console::Console(int out_fd, int err_fd, ColorWish wish) : out(out_fd), err(err_fd) {
  if (wish == ColorWish::never) return;
  if (may_colour(out)) out_color = render::Color::yes;
  if (may_colour(err)) err_color = render::Color::yes;
}

}  // namespace pipeline::cli
