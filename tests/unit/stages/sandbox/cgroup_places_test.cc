#include "stages/sandbox/cgroup_places.h"

#include <gtest/gtest.h>

namespace pipeline::sandbox {
namespace {

constexpr std::string_view kHybridMounts =
    "30 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "31 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "32 25 0:28 / /sys/fs/cgroup/unified rw shared:4 - cgroup2 cgroup2 rw\n";
constexpr std::string_view kHybridOwn =
    "9:memory:/jobs/a\n8:cpu,cpuacct:/\n1:name=systemd:/x\n0::/user.slice/me\n";

TEST(OwnCgroup, FindsEachHierarchy) {
  const auto memory = own_cgroup(kHybridOwn, kHybridMounts, "memory");
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->own, "/sys/fs/cgroup/memory/jobs/a");
  EXPECT_EQ(own_cgroup(kHybridOwn, kHybridMounts, "cpu")->own, "/sys/fs/cgroup/cpu,cpuacct");
  const auto v2 = own_cgroup(kHybridOwn, kHybridMounts, "");
  ASSERT_TRUE(v2);
  EXPECT_EQ(v2->mount_point, "/sys/fs/cgroup/unified");
  EXPECT_EQ(v2->own, "/sys/fs/cgroup/unified/user.slice/me");
}

TEST(OwnCgroup, IsNoneWhereNothingIsMounted) {
  EXPECT_FALSE(own_cgroup(kHybridOwn, kHybridMounts, "pids"));
  EXPECT_FALSE(own_cgroup("", "", ""));
  EXPECT_FALSE(own_cgroup("garbage\n\n::", "more garbage - x\n", "memory"));
}

TEST(OwnCgroup, IgnoresAMountOfOnlyAPart) {
  EXPECT_FALSE(own_cgroup("0::/a\n", "32 25 0:28 /docker/1 /sys/fs/cgroup rw - cgroup2 c rw\n", ""))
      << "paths of /proc/self/cgroup do not apply below it";
}

}  // namespace
}  // namespace pipeline::sandbox
