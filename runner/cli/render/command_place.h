// How a command that goes on with what is shown is written where it is shown: one of a server needs
// to be told of which. A value.
#pragma once

#include <string>
#include <string_view>

namespace pipeline::render {

class CommandPlace {
 public:
  CommandPlace() = default;  // what a command without further options looks at
  // The options that lead there: "--server http://ci:8440".
  explicit CommandPlace(std::string options) : options_(std::move(options)) {}

  // "pipeline logs --server http://ci:8440 3 unit"
  std::string command(std::string_view name, std::string_view rest) const {
    std::string text = "pipeline " + std::string(name) + " ";
    if (!options_.empty()) text += options_ + " ";
    return text + std::string(rest);
  }

 private:
  std::string options_;
};

}  // namespace pipeline::render
