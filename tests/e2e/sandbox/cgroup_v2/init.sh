#!/bin/sh
# The init of a User-Mode Linux whose root is the host's, read-only: makes it a machine with cgroup v2 only, runs $TESTS
# with $FILTER, and powers off. Both arrive on the kernel's command line.
mount -t proc proc /proc
mount -t sysfs sys /sys
# Not over /tmp: the tests may lie there.
mount -t tmpfs -o mode=1777 tmp /run
export TMPDIR=/run
mount -t devpts devpts /dev/pts 2> /dev/null
mount -t cgroup2 none /sys/fs/cgroup
ip link set lo up
mkdir /sys/fs/cgroup/tests
echo $$ > /sys/fs/cgroup/tests/cgroup.procs
echo "+memory +pids +cpu" > /sys/fs/cgroup/cgroup.subtree_control
cd /
"$TESTS" --gtest_color=no --gtest_filter="$FILTER" 2>&1
echo "tests ended with $?"
echo o > /proc/sysrq-trigger
sleep 60
