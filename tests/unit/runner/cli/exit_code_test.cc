#include "runner/cli/exit_code.h"

namespace pipeline::cli {
namespace {

TEST(ExitCode, TellsTheUsersMistakesFromOurs) {
  EXPECT_EQ(exit_code_of(base::ErrorKind::invalid), 2);
  EXPECT_EQ(exit_code_of(base::ErrorKind::failed), 1);
  EXPECT_EQ(exit_code_of(base::ErrorKind::cancelled), 130);
  for (const auto kind :
       {base::ErrorKind::not_found, base::ErrorKind::already_exists, base::ErrorKind::permission,
        base::ErrorKind::corrupt, base::ErrorKind::exhausted, base::ErrorKind::internal}) {
    EXPECT_EQ(exit_code_of(kind), 3);
  }
}

TEST(ExitCode, TellsFailedFromErroredRuns) {
  EXPECT_EQ(exit_code_of(run::RunStatus::succeeded), 0);
  EXPECT_EQ(exit_code_of(run::RunStatus::failed), 1);
  EXPECT_EQ(exit_code_of(run::RunStatus::errored), 3);
  EXPECT_EQ(exit_code_of(run::RunStatus::cancelled), 130);
}

}  // namespace
}  // namespace pipeline::cli
