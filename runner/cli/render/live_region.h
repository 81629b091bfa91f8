// The lines at the bottom of a terminal that are painted again and again, under lines that stay and
// scroll up. Makes the bytes; writes nothing. Pure.
//
// The cursor always rests at the start of the line below the region and is never hidden: whatever
// ends the program, kill -9 included, leaves a usable terminal. Lines are overwritten in place and
// only their rest is erased, in one write a paint, so nothing flickers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runner/cli/render/reporter.h"

namespace pipeline::render {

class LiveRegion {
 public:
  // The bytes that put `scrolled` above the region (each may be wider than the screen) and replace
  // the region by `lines`, which must fit: columns − 1 wide and rows − 1 many.
  std::string paint(const std::vector<std::string>& scrolled, const std::vector<std::string>& lines,
                    ScreenSize size);
  // The bytes that remove the region.
  std::string clear(ScreenSize size) { return paint({}, {}, size); }

 private:
  std::vector<std::size_t> painted_;  // widths of the lines now on the screen
};

}  // namespace pipeline::render
