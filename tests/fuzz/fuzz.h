// How a fuzz target says what must hold: FUZZ_EXPECT(condition) ends the process when it does not,
// which libFuzzer and replay_main.cc both report with the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace pipeline::fuzz {

[[noreturn]] inline void violated(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
  std::abort();
}

// One input, any bytes. Must return, and leave nothing behind.
void run(std::string_view input);

}  // namespace pipeline::fuzz

#define FUZZ_EXPECT(condition) \
  if (!(condition)) ::pipeline::fuzz::violated(#condition, __FILE__, __LINE__)
