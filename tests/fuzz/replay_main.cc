// Runs a target without libFuzzer: replay CORPUS_DIRECTORY. Each entry as it is, cut short at every
// length, and mutated; the seed is fixed, so that a failure comes back. The input that is running
// is written to replay.failed when the target aborts.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPrefixes = 2000;   // of one entry, evenly spread
constexpr std::size_t kMutations = 1000;  // of one entry

std::string current;  // read by the signal handler

extern "C" void save_input(int signal) {
  if (std::FILE* file = std::fopen("replay.failed", "wb")) {
    std::fwrite(current.data(), 1, current.size(), file);
    std::fclose(file);
    std::fputs("the input is in replay.failed\n", stderr);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(std::string input) {
  current = std::move(input);
  pipeline::fuzz::run(current);
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& entries) : entries_(entries) {}

  std::string mutate(std::string text) {
    for (std::size_t edits = 1 + below(3); edits > 0; --edits) edit(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void edit(std::string& text) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        if (!text.empty()) text[at] = static_cast<char>(below(256));
        return;
      case 1:
        text.erase(at, 1 + below(8));
        return;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(32)));
        return;
      default: {
        const std::string& other = entries_[below(entries_.size())];
        text.insert(at, other.substr(below(other.size()), below(64)));
      }
    }
  }

  const std::vector<std::string>& entries_;
  std::mt19937 random_{20231123};
};

std::vector<std::string> read_corpus(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(directory)) files.push_back(file.path());
  std::ranges::sort(files);
  std::vector<std::string> entries;
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    entries.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return entries;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: replay CORPUS_DIRECTORY\n";
    return 2;
  }
  const auto entries = read_corpus(argv[1]);
  if (entries.empty()) {
    std::cerr << "error: no corpus in " << argv[1] << "\n";
    return 1;
  }
  std::signal(SIGABRT, save_input);
  std::signal(SIGSEGV, save_input);
  Mutator mutator(entries);
  for (const auto& entry : entries) {
    run(entry);
    const std::size_t step = 1 + entry.size() / kPrefixes;
    for (std::size_t size = 0; size < entry.size(); size += step) run(entry.substr(0, size));
    for (std::size_t i = 0; i < kMutations; ++i) run(mutator.mutate(entry));
  }
  std::cout << entries.size() << " entries, their prefixes and mutations: all held\n";
  return 0;
}
