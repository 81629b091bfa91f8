#!/usr/bin/env bash
# package_test.sh BUILD: makes the Debian package of a build, has lintian look at it, and uses it in a root that holds what
# it depends on and no more, which goes away with the test. Exits with 77, saying why, where that cannot be had.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1

skip() { echo "$*: the package is not tried"; exit 77; }
[ "$(id -u)" = 0 ] || skip "only root can install a package"
command -v dpkg-shlibdeps > /dev/null || skip "there is no dpkg-shlibdeps here (package dpkg-dev)"
unshare --mount --pid --fork true 2> /dev/null || skip "no namespaces can be made here"

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
cpack --config "$build/CPackConfig.cmake" -B "$work/made" > "$work/cpack.log" 2>&1 || { cat "$work/cpack.log"; exit 1; }
deb=$(echo "$work"/made/*.deb)
dpkg-deb --info "$deb"
dpkg-deb --contents "$deb"

if command -v lintian > /dev/null; then
  lintian --fail-on error --allow-root "$deb"
else
  echo "there is no lintian here: the package is not looked at by it"
fi

code=0
"$here/fresh_root.py" "$deb" "$work/root" || code=$?
[ $code = 0 ] || exit $code
if command -v systemd-analyze > /dev/null; then
  dpkg-deb --extract "$deb" "$work/units"
  # What they come after is systemd's own.
  cp -a --no-clobber /lib/systemd/system/. "$work/units/usr/lib/systemd/system/"
  systemd-analyze verify --man=no --root="$work/units" pipeline-server.service pipeline-server.socket pipeline-agent.service
fi
cp "$deb" "$work/root/pipeline.deb"
cp "$here/in_root.sh" "$work/root/in_root.sh"
# shellcheck disable=SC2016  # for the shell within
unshare --mount --pid --fork --propagation private sh -euc '
  mount --bind "$1" "$1"
  cd "$1"
  mount -t proc proc proc
  mount --rbind /dev dev
  mount --rbind /sys sys
  mount -t tmpfs tmpfs run
  mkdir run/outside
  pivot_root . run/outside
  /run/outside/usr/bin/umount -l /run/outside  # the root itself has none
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive sh /in_root.sh
' sh "$work/root"
