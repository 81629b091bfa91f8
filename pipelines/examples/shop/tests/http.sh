# An HTTP client in Bash, for places without curl:  http_get URL  prints the body; status 1 unless it is 200.
http_get() {
  local rest=${1#http://} host port path line status='' length=0
  path=/${rest#*/}; [ "$path" != "/$rest" ] || path=/
  rest=${rest%%/*}; host=${rest%:*}; port=${rest##*:}
  exec 3<> "/dev/tcp/$host/$port" || return 1
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$path" "$host" >&3
  while IFS= read -r line <&3 && line=${line%$'\r'} && [ -n "$line" ]; do
    [ -n "$status" ] || { status=${line#* }; status=${status%% *}; }
    case $line in [Cc]ontent-[Ll]ength:*) length=${line#*: } ;; esac
  done
  head -c "$length" <&3
  exec 3>&-
  [ "$status" = 200 ] || { echo "$1: expected 200, got ${status:-no answer}" >&2; return 1; }
}
