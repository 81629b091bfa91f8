#include "runner/store/lease.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

class Lease : public testing::Test {
 protected:
  support::TemporaryDirectory directory_;
  Paths paths_{directory_.path()};
};

TEST_F(Lease, NamesItsHolder) {
  EXPECT_FALSE(lease_holder(paths_, 1));
  auto lease = take_lease(paths_, 1);
  ASSERT_TRUE(lease) << lease.error().to_string();
  EXPECT_EQ(lease_holder(paths_, 1), ::getpid());
  lease->reset();
  EXPECT_FALSE(lease_holder(paths_, 1));
}

TEST_F(Lease, ASecondTakerHearsWhatToDo) {
  const auto lease = take_lease(paths_, 3);
  const auto second = take_lease(paths_, 3);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().to_string(), "failed to take over run 3: another process drives it");
  EXPECT_EQ(second.error().hint(), "wait for it to end, or: pipeline cancel 3");
  EXPECT_TRUE(take_lease(paths_, 4)) << "another run is another lease";
}

// The kernel frees it, so that no stale lock can ever keep a run from being retried.
TEST_F(Lease, EndsWithItsHolderHoweverThatDies) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lease = take_lease(paths_, 1);
    const char answer = lease ? 'y' : 'n';
    if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  EXPECT_EQ(lease_holder(paths_, 1), child);
  EXPECT_FALSE(take_lease(paths_, 1));
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_FALSE(lease_holder(paths_, 1));
  EXPECT_TRUE(take_lease(paths_, 1));
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace pipeline::store
