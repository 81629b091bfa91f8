# Starts a shop on a port of the kernel's choice:  start_shop PROGRAM ARGUMENT…  sets $url and stops it at the end.
start_shop() {
  local log; log=$(mktemp)
  "$@" --port 0 > "$log" &
  shop=$!
  trap 'kill $shop 2> /dev/null || true' EXIT
  until grep -q listening "$log"; do kill -0 $shop; sleep 0.02; done
  url=http://$(sed 's/listening on //' "$log")
}
