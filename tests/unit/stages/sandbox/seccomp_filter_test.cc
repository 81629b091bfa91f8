#include "stages/sandbox/seccomp_filter.h"

#include <gtest/gtest.h>
#include <linux/bpf_common.h>
#include <linux/filter.h>

#include <cstring>

namespace pipeline::sandbox {
namespace {

TEST(SeccompFilter, IsAProgramTheKernelCanTake) {
  const auto words = job_filter();
  ASSERT_TRUE(words) << words.error().to_string();
  ASSERT_GT(words->size(), 50U);
  ASSERT_LT(words->size(), 4096U) << "BPF_MAXINSNS";
  sock_filter last{};
  std::memcpy(&last, &words->back(), sizeof last);
  EXPECT_EQ(last.code & 7U, unsigned{BPF_RET}) << "every path ends in a verdict";
  EXPECT_EQ(*job_filter(), *words) << "compiled once, the same ever after";
}

}  // namespace
}  // namespace pipeline::sandbox
