# What of these is here: `sh -s -- KIND NAME KIND NAME ...`, a line `need NUMBER yes|no|unknown` each;
# read by probe/needs.py. For dash, bash, busybox and the sh of macOS and the BSDs.
# uses: base tools package

mounted() {
  if [ -r /proc/mounts ]; then
    while read -r _ where _; do
      [ "$where" = "$1" ] && return 0
    done </proc/mounts
    return 1
  fi
  mount | grep -qF " on $1 "
}

service() {
  if has systemctl && [ -d /run/systemd/system ]; then
    systemctl is-active --quiet "$1" || return 1
  elif has rc-service; then
    rc-service "$1" status >/dev/null 2>&1 || return 1
  else
    return 2
  fi
}

# needs KIND NAME...
needs() {
  number=0
  while [ "$#" -gt 1 ]; do
    case $1 in
      command) has "$2" ;;
      package) package "$2" ;;
      mount) mounted "$2" ;;
      service) service "$2" ;;
      *) (exit 2) ;;
    esac </dev/null
    case $? in
      0) say "need $number yes" ;;
      1) say "need $number no" ;;
      *) say "need $number unknown" ;;
    esac
    shift 2
    number=$((number + 1))
  done
}
