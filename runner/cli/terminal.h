// Standard output and standard error as the displays see them.
#pragma once

#include <string_view>

#include "runner/cli/options.h"
#include "runner/cli/render/reporter.h"
#include "runner/cli/render/style.h"

namespace pipeline::cli {

// A descriptor that is written to. It stays whoever's it was.
class Terminal final : public render::Output {
 public:
  explicit Terminal(int fd);

  void write(std::string_view text) override;
  render::ScreenSize size() const override;

  bool is_terminal() const { return is_terminal_; }
  // It can be repainted and coloured: not one that says TERM=dumb, or nothing.
  bool takes_escapes() const { return takes_escapes_; }
  // Columns to cut lines at; 0 when nobody looks at the lines' width.
  std::size_t width() const { return is_terminal_ ? size().columns : 0; }

 private:
  int fd_;
  bool is_terminal_;
  bool takes_escapes_;
  bool is_closed_ = false;
};

// The two, and whether to paint in colour: on a terminal, unless NO_COLOR, TERM=dumb or the user
// forbids it.
struct Console {
  Terminal out;
  Terminal err;
  render::Color out_color = render::Color::no;
  render::Color err_color = render::Color::no;

  explicit Console(ColorWish wish) : Console(1, 2, wish) {}
  Console(int out_fd, int err_fd, ColorWish wish);
};

}  // namespace pipeline::cli
