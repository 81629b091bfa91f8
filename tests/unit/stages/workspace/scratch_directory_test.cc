#include "stages/workspace/scratch_directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/temporary_directory.h"

namespace pipeline::workspace {
namespace {

// Another run on the same machine begins with a sweep.
TEST(ScratchDirectory, IsMadeAndKeptWhileOthersSweep) {
  const support::TemporaryDirectory directory;
  std::atomic<bool> done = false;
  std::thread sweeper([&] {
    while (!done) sweep(directory.path(), "job-");
  });
  for (int round = 0; round < 500; ++round) {
    const auto made = ScratchDirectory::make(directory.path(), "job-");
    EXPECT_TRUE(made) << made.error().to_string();
    if (made) {
      EXPECT_TRUE(std::filesystem::exists(made->path()));
    }
  }
  done = true;
  sweeper.join();
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

}  // namespace
}  // namespace pipeline::workspace
