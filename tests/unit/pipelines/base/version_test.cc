#include "pipelines/base/version.h"

#include <gtest/gtest.h>

namespace pipeline::base {
namespace {

TEST(Version, IsComparedNumberByNumber) {
  EXPECT_TRUE(is_older("0.1.0", "0.2.0"));
  EXPECT_TRUE(is_older("0.9.0", "0.10.0"));
  EXPECT_TRUE(is_older("1", "1.0.1"));
  EXPECT_FALSE(is_older("1.0", "1.0.0"));
  EXPECT_FALSE(is_older("1.0.1", "1.0.0"));
}

TEST(Version, WhatIsNoneIsNotOlder) {
  for (const auto* text : {"", "x", "1.", "1.x", "-1", "99999999999"}) {
    EXPECT_FALSE(is_older(text, "1.0.0")) << text;
    EXPECT_FALSE(is_older("1.0.0", text)) << text;
  }
}

}  // namespace
}  // namespace pipeline::base
