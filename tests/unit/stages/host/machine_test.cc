#include "stages/host/machine.h"

#include <gtest/gtest.h>

namespace pipeline::host {
namespace {

TEST(Machine, TellsItsDiskMemoryAndLoad) {
  const auto disk = disk_of("/");
  ASSERT_TRUE(disk);
  EXPECT_GT(disk->size, 0U);
  EXPECT_LE(disk->free, disk->size);
  EXPECT_EQ(disk_of("/nowhere").error().kind(), base::ErrorKind::not_found);
  const auto memory = memory_of_machine();
  ASSERT_TRUE(memory);
  EXPECT_LE(memory->available, memory->size);
  EXPECT_GE(load_of_machine(), 0);
}

}  // namespace
}  // namespace pipeline::host
