#include "pipelines/base/reason.h"

#include <gtest/gtest.h>

namespace pipeline::base {
namespace {

TEST(Reason, KeepsTheHintApart) {
  const std::string reason =
      reason_of(Error(ErrorKind::io, "no space").during("save x").hint("free some"));
  EXPECT_EQ(reason, "failed to save x: no space\nhint: free some");
  EXPECT_EQ(split_reason(reason).what, "failed to save x: no space");
  EXPECT_EQ(split_reason(reason).hint, "free some");
  EXPECT_EQ(reason_of(Error(ErrorKind::io, "no space")), "no space");
}

TEST(Reason, TakesNothingElseForAHint) {
  EXPECT_EQ(split_reason("a smoke test said\nhint: x\nand more").hint, "");
  EXPECT_EQ(split_reason("hint: x").what, "hint: x");
  EXPECT_EQ(split_reason("").what, "");
}

}  // namespace
}  // namespace pipeline::base
