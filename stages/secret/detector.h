// Tells which secrets a set of files contains, in any of their forms (forms.h), without keeping
// what it reads. One thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stages/secret/automaton.h"

namespace pipeline::secret {

class Detector {
 public:
  // name → value
  explicit Detector(const std::map<std::string, std::string>& secrets);

  // What comes now is of another file than what came before. Its path is looked at, too.
  void begin(std::string_view path);
  void feed(std::string_view bytes);

  // By name, the path of the first file that contains it.
  const std::map<std::string, std::string>& found() const { return found_; }

 private:
  std::vector<std::string> names_;
  Automaton automaton_;
  Automaton::State state_ = Automaton::kStart;
  std::string path_;
  std::map<std::string, std::string> found_;
};

}  // namespace pipeline::secret
