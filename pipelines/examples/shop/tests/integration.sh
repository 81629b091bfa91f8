#!/usr/bin/env bash
# The built program, called over the loopback, with a catalog of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/http.sh; . tests/running.sh
catalog=$(mktemp); printf 'tea 480\n' > "$catalog"
start_shop build/shop --catalog "$catalog" --flags flags/staging.json

test "$(http_get "$url/healthz")" = ok
http_get "$url/" | grep -qx 'tea 4.80'
http_get "$url/" | grep -qx 'checkout: new'
! http_get "$url/nowhere" > /dev/null 2>&1

# It ends gently: the request under way is answered, whoever comes later is refused.
kill -TERM $shop
wait $shop
echo "integration: passed"
