// What whoever lists processes sees of this one's arguments, for a process that learns only later
// what it is for. A process's arguments are where the kernel put them when it was started
// (proc(5), /proc/PID/cmdline), so there is no more room than they took.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pipeline {

class ShownArguments {
 public:
  // As main() was given them. They are left as they are until replace().
  ShownArguments(int count, char** arguments);

  // All but the program's name; what does not fit is not shown.
  void replace(const std::vector<std::string>& words);

 private:
  char* begin_ = nullptr;
  std::size_t size_ = 0;  // with the zero that ends the last one
};

}  // namespace pipeline
