#!/usr/bin/env bash
# smoke.sh URL: is this release fit for users? Prints why not.
set -euo pipefail
. "$(dirname "$0")/http.sh"
page=$(http_get "$1/") || { echo "smoke: the front page of release $RELEASE does not work: $page"; exit 1; }
grep -qx "checkout: .*" <<< "$page" || { echo "smoke: the front page has no checkout"; exit 1; }
grep -q "release $RELEASE " <<< "$page" || { echo "smoke: another release than $RELEASE answers"; exit 1; }
echo "smoke: release $RELEASE sells $(grep -c ' [0-9]*\.[0-9][0-9]$' <<< "$page") products"
