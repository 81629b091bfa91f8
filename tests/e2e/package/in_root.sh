#!/bin/sh
# What somebody does with the package on a new machine, in the root that package_test.sh made: installs it, starts server
# and agent as their units say, pushes, runs, upgrades, purges.
set -eu
deb=/pipeline.deb
work=$(mktemp -d)
servers=

say() { echo "-- $*"; }
# Everything but what dpkg, the users' files and the services themselves keep.
files() {
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path /var/lib/dpkg \
    -o -path /var/log -o -path /var/cache \) -prune -o -print | grep -v '^/etc/\(passwd\|group\|shadow\|gshadow\|subuid\|subgid\)' | sort
}
# start UNIT USER VARIABLES…: its command line, by its user, with what systemd would put into the environment.
start() {
  unit=$1 user=$2
  shift 2
  command=$(sed -n 's/^ExecStart=//p' "/lib/systemd/system/$unit.service")
  install -d -o "$user" -g "$user" "/var/lib/$user"
  setpriv --reuid "$user" --regid "$user" --clear-groups env "STATE_DIRECTORY=/var/lib/$user" HOME="/var/lib/$user" "$@" \
    sh -c "exec $command" > "$work/$unit.log" 2>&1 &
  servers="$servers $!"
}
stop_all() {
  for server in $servers; do kill "$server" 2> /dev/null || true; done
  for server in $servers; do wait "$server" || true; done
  servers=
}
fail() {
  echo "FAILED: $*"
  tail -n 20 "$work"/*.log || true
  exit 1
}
trap stop_all EXIT

files > "$work/before"
say "install"
dpkg --install "$deb"
pipeline --version
for file in /usr/share/man/man1/pipeline.1.gz /usr/share/bash-completion/completions/pipeline \
  /usr/share/zsh/vendor-completions/_pipeline /usr/share/fish/vendor_completions.d/pipeline.fish \
  /usr/libexec/pipeline/pipeline-sandbox /usr/share/doc/pipeline/copyright; do
  [ -s "$file" ] || fail "$file is not there"
done
zcat /usr/share/man/man1/pipeline.1.gz | grep -q '^\.TH' || fail "the manual page is none"
id pipeline > /dev/null && id pipeline-agent > /dev/null || fail "the users are not there"
pipeline serve --check --data /var/lib/pipeline --config /etc/pipeline/server.toml --listen 127.0.0.1:0

say "server"
printf 'listen = "127.0.0.1:0"\n' >> /etc/pipeline/server.toml
start pipeline-server pipeline
tries=0
until grep -q 'listening on' "$work/pipeline-server.log"; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || fail "the server does not start"
  sleep 0.1
done
url=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$work/pipeline-server.log")
export PIPELINE_SERVER="$url" HOME="$work"
PIPELINE_TOKEN=$(cat /var/lib/pipeline/admin.token)
export PIPELINE_TOKEN

say "agent"
mkdir "$work/credentials"
pipeline token add builders --scope agent > "$work/credentials/token"
chown -R pipeline-agent "$work/credentials"
chmod 755 "$work"
start pipeline-agent pipeline-agent "PIPELINE_SERVER=$url" "CREDENTIALS_DIRECTORY=$work/credentials"

say "a push, and a run of it"
pipeline repo add shop
git init --quiet --initial-branch main "$work/shop"
cd "$work/shop"
cat > pipeline.toml <<'TOML'
name = "shop"
[[stage]]
name = "unit"
run = ["id -u", "echo made in a fresh root > made", "test ! -e /var/lib/pipeline/admin.token"]
outputs = ["made"]
[[stage]]
name = "use"
needs = ["unit"]
run = "cat made"
TOML
git add . && git -c user.name=t -c user.email=t@localhost commit --quiet -m first
git push --quiet "http://any:$PIPELINE_TOKEN@${url#http://}/git/shop" main
pipeline run --repo shop --server "$url" || fail "the run"
pipeline logs last use | grep -q 'made in a fresh root' || fail "the outputs of a stage"
cd /

say "the same package once more, as an upgrade"
dpkg --install "$deb"
grep -q 'listen = "127.0.0.1:0"' /etc/pipeline/server.toml || fail "the settings were lost"

say "purge"
stop_all
dpkg --purge pipeline
files > "$work/after"
if diff "$work/before" "$work/after" | grep '^[<>]' | grep -v '^> /var/lib/pipeline\(-agent\)\?\(/\|$\)'; then
  fail "a purge leaves that"
fi
[ -s /var/lib/pipeline/pipeline.db ] || fail "the data has gone"
say "done"
