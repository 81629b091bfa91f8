// The words of a command that has actions, `repo protect NAME BRANCHES`: first the action, then
// what it is about. CLI11 binds to them, so they live as long as it parses.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}  // namespace CLI

namespace pipeline::cli {

class ActionWords {
 public:
  // One that may follow the action, as help has it.
  struct Word {
    std::string label;
    std::string help;
  };
  // What may be done, and how many words have to follow.
  struct Action {
    std::string name;
    std::size_t words = 1;
    std::size_t optional = 0;  // how many more may
  };

  // `surplus` is where a word too many goes that CLI11 had a place for; it outlives this.
  explicit ActionWords(std::string& surplus) : surplus_(surplus) {}

  // At most two words.
  void declare(CLI::App& command, std::vector<Word> words);
  // The action that was written, or the usual one where none was; once all is parsed. Throws what
  // CLI11 does for a mistake: none of these, a word that is missing, one too many.
  const std::string& choose(const CLI::App& command, const std::vector<Action>& actions,
                            const std::string& usual = {});
  // The word after the action, or the one after that; empty: there is none.
  const std::string& first() const { return written_[0]; }
  const std::string& second() const { return written_[1]; }
  // Throws for a second word, which does not go with what else was written.
  void refuse_second();

 private:
  void refuse(std::size_t index);

  std::string& surplus_;
  std::string action_;
  std::vector<Word> words_;
  std::array<std::string, 2> written_;
};

}  // namespace pipeline::cli
