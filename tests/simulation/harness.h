// What every simulation shares: seeded randomness and the scenario that a seed plays.
//
//   simulate [--seeds N] [--seed S] [--only NAME] [--trace]
//
// plays the scenarios with seeds S … S+N-1 and stops at the first broken invariant, with the one
// line that plays exactly that seed again, step by step. A scenario is a pure function of its seed:
// no real time, threads, processes, or iteration over addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pipeline::simulation {

// The same numbers on every machine (the standard distributions are not).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  // 0 … bound - 1; bound at least 1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {  // both included
    return low + below(high - low + 1);
  }
  bool percent(std::uint64_t chance) { return below(100) < chance; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }
  // A generator of its own, so that one part's draws do not shift another's.
  Random fork() { return Random(next()); }

 private:
  std::uint64_t state_;
};

struct Scenario {
  const char* name;
  // What invariant broke, in a sentence; none: all held.
  std::optional<std::string> (*play)(std::uint64_t seed);
};

// A scenario throws it where an invariant does not hold; play() turns it into the sentence.
struct Broken {
  std::string invariant;
};
inline void require(bool holds, const std::string& invariant) {
  if (!holds) throw Broken{invariant};
}

// One line on the standard error with --trace, else nothing.
void trace(const std::string& line);

// One function a file; simulate.cc lists them.
std::optional<std::string> play_agents(std::uint64_t seed);
std::optional<std::string> play_engine(std::uint64_t seed);
std::optional<std::string> play_deployment(std::uint64_t seed);

}  // namespace pipeline::simulation
