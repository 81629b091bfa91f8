// Text that a person reads, held against a file: EXPECT_TRUE(matches_golden("cli/check.txt",
// text)).
//
// Files live in tests/golden/. With UPDATE_GOLDEN=1 in the environment the text is accepted: it is
// written there and the test passes; git shows what changed. Tests run in the project's root.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

namespace pipeline::support {

testing::AssertionResult matches_golden(std::string_view name, std::string_view actual);

}  // namespace pipeline::support
