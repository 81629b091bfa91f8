#!/usr/bin/env bash
# scripts/demo as a person meets it, in a directory and on ports of its own: to production, once more at once, a release that
# is refused, a team's server, and the end of it all, which leaves nothing.  demo_test.sh PORTS, as PIPELINE_DEMO_PORTS.
set -euo pipefail
cd "$(dirname "$0")/../../.."

directory=$(mktemp -d)
chmod 755 "$directory"  # jobs of a demo by root have another uid
output=$(mktemp)
export PIPELINE_DEMO_DIRECTORY=$directory/demo PIPELINE_DEMO_PORTS=$1
cleanup() {
  scripts/demo --stop > "$output" 2>&1 || cat "$output"
  rm -rf "$directory" "$output"
}
trap cleanup EXIT

demo() {
  local expected=$1 status=0
  shift
  echo "scripts/demo $*"
  scripts/demo "$@" > "$output" 2>&1 || status=$?
  [ "$status" = "$expected" ] || { cat "$output"; echo "status $status instead of $expected"; exit 1; }
}
said() { grep -qE -- "$1" "$output" || { cat "$output"; echo "it did not say: $1"; exit 1; }; }
release() { bash -c '. pipelines/examples/shop/tests/http.sh && http_get "$0"' "http://127.0.0.1:${1}080/version"; }
left() { pgrep -f -- "$directory" || true; }
stop_and_look() {
  [ -n "$(left)" ] || { echo "nothing of the demo is seen to run, so that its end proves nothing"; exit 1; }
  demo 0 --stop
  [ -z "$(left)" ] || { echo "still runs after --stop:"; pgrep -af -- "$directory"; exit 1; }
  [ -z "$(ls "$directory")" ] || { ls "$directory"; echo "that is still there"; exit 1; }
}

demo 0
said '^requests [1-9][0-9]*, failed 0$'
said "^promoted: http://127.0.0.1:${1}080$"
demo 0
said '^requests [1-9][0-9]*, failed 0$'
before=$(release "$1")
demo 1 --break-smoke
said '^requests [1-9][0-9]*, failed 0$'
said 'smoke'
said 'the old one still serves'
[ "$(release "$1")" = "$before" ] || { echo "another release serves after one that was refused"; exit 1; }
demo 0
stop_and_look
demo 0 --server
said '^run 1 succeeded'
said '^run 2 succeeded'
said "production serves on http://127.0.0.1:${1}080"
stop_and_look
demo 0 --stop
said 'nothing to stop'
