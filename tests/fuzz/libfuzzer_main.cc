// libFuzzer's entry point; it brings its own main().
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The bytes are the same, only their type differs.
  pipeline::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
