#!/usr/bin/env bash
# acceptance.sh RELEASE_DIRECTORY: what ships, started as it will be started.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/http.sh"; . "$here/running.sh"
cd "$1/dist"
start_shop bin/shop --catalog catalog.txt --flags flags/production.json
test "$(http_get "$url/healthz")" = ok
http_get "$url/version" | grep -q '^release '
echo "acceptance: passed"
