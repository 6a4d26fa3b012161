# A process of its own which undoes a change that nobody confirms, and a unit that does so at boot.
# Given: S, P (the change), op.
# uses: base services/settings

uptime_seconds() { cut -d. -f1 /proc/uptime 2>/dev/null || date +%s; }

# arm SECONDS: it is undone when this process ends before its time, and that long after it was applied.
arm() {
  put "$P/window" "$1" && put "$P/deployer" $$ || return 1
  STENTOR_HOME=$HOME
  export STENTOR_HOME
  # No child of ours: whoever ends us ends our children, too, and this one is there for exactly that.
  if has setsid; then (setsid sh "$P/program" wait "op=$op" "seconds=$1" </dev/null >/dev/null 2>&1 9>&- &)
  else (sh "$P/program" wait "op=$op" "seconds=$1" </dev/null >/dev/null 2>&1 9>&- &)
  fi
  _tries=0
  until [ -s "$P/sleeper" ]; do # it must be seen to live before anything is changed
    _tries=$((_tries + 1))
    [ $_tries -lt 100 ] || return 1
    nap 0.02
  done
  arm_boot
}

# arm_boot: a node that loses its power undoes the change when it comes up.
arm_boot() {
  [ -d /run/systemd/system ] && [ "$(id -u)" = 0 ] || return 0
  _units=/etc/systemd/system
  printf '%s\n' '[Unit]' 'Description=Undo a change of services that nobody confirmed' \
    'After=network-online.target docker.service' '[Service]' Type=oneshot TimeoutStartSec=600 \
    "Environment=STENTOR_HOME=$HOME" "ExecStart=/bin/sh $P/program boot op=$op" >"$_units/$BOOT_UNIT" &&
    mkdir -p "$_units/multi-user.target.wants" &&
    ln -sf "../$BOOT_UNIT" "$_units/multi-user.target.wants/$BOOT_UNIT" || return 1
  sync -f "$_units" 2>/dev/null || sync
}

# waiting: whether the process that would undo it is there.
waiting() {
  _pid=$(value "$P/sleeper")
  [ -n "$_pid" ] && kill -0 "$_pid" 2>/dev/null && is_sleeper "$_pid" "$(value "$P/op")"
}

# is_sleeper PID OP: and not a later process of that number.
is_sleeper() { [ ! -r "/proc/$1/cmdline" ] || tr '\0' ' ' <"/proc/$1/cmdline" | grep -qF "wait op=$2"; }

# sleep_until SECONDS: until the change has to be undone. When the node goes down everything gets a signal; that is not
# the deadline.
sleep_until() {
  put "$P/sleeper" $$ || exit 1
  trap '' HUP
  _deployer=$(value "$P/deployer") _end=''
  while [ -d "$P" ] && [ "$(value "$P/op")" = "$op" ]; do
    if [ -f "$P/applied" ]; then
      _from=$(value "$P/renewed")
      _end=${_end:-$(($(uptime_seconds) + $1))}
      [ -z "$_from" ] || _end=$((_from + $1))
      [ "$(uptime_seconds)" -lt "$_end" ] || return 0
    elif ! kill -0 "$_deployer" 2>/dev/null; then return 0
    fi
    sleep 1
  done
  exit 0
}

# renew: whoever is to confirm it is still there, and other nodes are not ready.
renew() {
  [ "$(value "$P/op")" = "$op" ] && [ -f "$P/applied" ] || fail "the change $op does not wait"
  put "$P/renewed" "$(uptime_seconds)" || fail "nothing can be written to $P"
  say "state renewed"
}

# expire: the deadline came, or the node came up again.
expire() {
  [ "$(value "$P/op")" = "$op" ] || exit 0
  # Who holds the lock may be putting it back just now: never at the same time, unless that hangs.
  has flock && command exec 9>"$S/lock" && flock -w 600 9
  [ "$(value "$P/op")" = "$op" ] || exit 0
  undo "$P" >"$S/expired" 2>&1
  exit 0
}

disarm() { # FOLDER
  _pid=$(value "$1/sleeper")
  # Never ourselves: an undo is often run by the very process that waited.
  if [ -n "$_pid" ] && [ "$_pid" != $$ ] && is_sleeper "$_pid" "$(value "$1/op")"; then
    kill -KILL "-$_pid" 2>/dev/null || kill -KILL "$_pid" 2>/dev/null || :
  fi
  rm -f "$1/sleeper"
  [ "$(id -u)" = 0 ] || return 0
  rm -f "/etc/systemd/system/multi-user.target.wants/$BOOT_UNIT" "/etc/systemd/system/$BOOT_UNIT"
}
