#include "stages/host/helper_program.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace pipeline::host {
namespace {

class HelperProgram : public testing::Test {
 protected:
  void make_program(const std::filesystem::path& name) {
    std::filesystem::permissions(directory_.write(name, "#!/bin/sh\n"),
                                 std::filesystem::perms::owner_all);
  }
  std::filesystem::path bin() const { return directory_.path() / "bin"; }

  support::TemporaryDirectory directory_;
};

TEST_F(HelperProgram, IsBesideTheProgram) {
  make_program("bin/helper");
  make_program("libexec/pipeline/helper");
  EXPECT_EQ(find_helper("helper", bin()).value(), bin() / "helper");
}

TEST_F(HelperProgram, IsInThePackagesPlaceElse) {
  make_program("libexec/pipeline/helper");
  EXPECT_EQ(find_helper("helper", bin()).value(), directory_.path() / "libexec/pipeline/helper");
}

TEST_F(HelperProgram, IsNotAFileThatCannotBeExecuted) {
  directory_.write("bin/helper", "");
  const auto found = find_helper("helper", bin());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind(), base::ErrorKind::unavailable);
  EXPECT_NE(found.error().to_string().find(bin().string()), std::string::npos);
}

}  // namespace
}  // namespace pipeline::host
