// The program: plays every scenario with a range of seeds. See harness.h.
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "tests/simulation/harness.h"

namespace pipeline::simulation {
namespace {

constexpr Scenario kScenarios[] = {
    {"agents", play_agents},
    {"engine", play_engine},
    {"deployment", play_deployment},
};

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t seeds = 2000;
  std::string only;
  bool trace = false;
};

bool tracing = false;

bool read_number(std::string_view text, std::uint64_t& value) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--trace") {
      options.trace = true;
      continue;
    }
    if (i + 1 == argc) return false;
    const std::string_view value = argv[++i];
    if (name == "--seed" && read_number(value, options.seed)) continue;
    if (name == "--seeds" && read_number(value, options.seeds)) continue;
    if (name != "--only") return false;
    options.only = value;
  }
  return true;
}

// Whether all invariants held.
bool play(const Scenario& scenario, const Options& options, const char* program) {
  for (std::uint64_t i = 0; i < options.seeds; ++i) {
    const std::uint64_t seed = options.seed + i;
    const auto broken = scenario.play(seed);
    if (!broken) continue;
    std::printf("%s, seed %llu: %s\nreplay: %s --only %s --seed %llu --seeds 1 --trace\n",
                scenario.name, static_cast<unsigned long long>(seed), broken->c_str(), program,
                scenario.name, static_cast<unsigned long long>(seed));
    return false;
  }
  std::printf("%s: %llu seeds from %llu, every invariant held\n", scenario.name,
              static_cast<unsigned long long>(options.seeds),
              static_cast<unsigned long long>(options.seed));
  return true;
}

}  // namespace

void trace(const std::string& line) {
  if (tracing) std::fprintf(stderr, "%s\n", line.c_str());
}

int run(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fprintf(stderr, "usage: %s [--seeds N] [--seed S] [--only NAME] [--trace]\n", argv[0]);
    return 2;
  }
  tracing = options.trace;
  bool known = false;
  for (const Scenario& scenario : kScenarios) {
    if (!options.only.empty() && options.only != scenario.name) continue;
    known = true;
    if (!play(scenario, options, argv[0])) return 1;
  }
  if (!known) std::fprintf(stderr, "there is no scenario \"%s\"\n", options.only.c_str());
  return known ? 0 : 2;
}

}  // namespace pipeline::simulation

int main(int argc, char** argv) {
  return pipeline::simulation::run(argc, argv);
}
