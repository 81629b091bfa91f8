#!/bin/sh
# run.sh TESTS FILTER: runs a test program on a machine with cgroup v2 only, which few build machines are: a User-Mode
# Linux on this machine's own files. Exits with 77 where there is none.
set -u
here=$(cd "$(dirname "$0")" && pwd)
command -v linux.uml > /dev/null || {
  echo "there is no linux.uml here (package user-mode-linux): cgroup v2 is not tried"
  exit 77
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Its memory is a file in TMPDIR, which has to be executable.
timeout 500 linux.uml mem=1536M rootfstype=hostfs rootflags=/ ro "init=$here/init.sh" cgroup_no_v1=all \
  con=null con0=null,fd:1 "TESTS=$1" "FILTER=$2" < /dev/null > "$log" 2>&1
sed -n '/^Note: Google Test filter\|^\[===/,$p' "$log"
# Of a processor with more registers than it has room for (AMX), it dies with the first process that it starts.
if grep -q 'fatal_sigsegv' "$log" && grep -q 'put_fp_registers' "$log"; then
  echo "linux.uml cannot run on this processor, whose registers are more than it knows: cgroup v2 is not tried"
  exit 77
fi
grep -q '^\[==========\]' "$log" || { echo "the machine did not come up:"; tail -n 30 "$log"; exit 1; }
grep -q '^tests ended with 0' "$log"
