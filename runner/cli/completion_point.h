// Where on a command line a word is to be completed, and what can stand there: the part of
// `pipeline __complete` that needs nothing but the words. Pure.
#pragma once

#include <string>
#include <vector>

namespace pipeline::cli {

enum class Candidates {
  none,       // any text
  words,      // those of CompletionPoint::words
  files,      // the shell knows them
  folders,    // likewise
  pipelines,  // of the repository here, or a file
  runs,
  jobs,    // of the run before it
  stages,  // of the pipeline or the run before it
  templates,
  environments,
  artifacts,  // of the run before it
  secrets
};

struct CompletionPoint {
  std::string command;
  Candidates candidates = Candidates::none;
  std::vector<std::string> words;      // fixed ones, beside the candidates
  std::vector<std::string> arguments;  // those that stand before it, without options
};

// `before`: the words between `pipeline` and the one to complete. An option that waits for its
// value is the last of them.
CompletionPoint completion_point(const std::vector<std::string>& before);

}  // namespace pipeline::cli
